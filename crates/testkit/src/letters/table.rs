//! The honest mails, one by one.

use super::{Honest, Receiver};

/// What stands where nothing is said.
const NONE: Honest = Honest {
    name: "",
    from: "",
    bounces: "",
    signs: "",
    by: Receiver::Own,
    reply_to: "",
    leave: "",
    subject: "",
    text: &[],
    links: &[],
    personal: false,
    fields: &[],
    file: None,
};

/// All of them.
pub(super) static TABLE: &[Honest] = &[
    Honest {
        name: "docusign-google",
        from: "\"Contract desk via DocuSign\" <dse_NA4@docusign.net>",
        bounces: "docusign.net",
        signs: "docusign.net",
        by: Receiver::Google,
        reply_to: "contracts@supplier.example",
        subject: "Complete with DocuSign: Framework agreement 2026.pdf",
        text: &[
            "Contract desk sent you a document to review and sign.",
            "Please review and sign the document. Do not share this email: it contains a secure link to DocuSign.",
        ],
        links: &[
            (
                "REVIEW DOCUMENT",
                "https://na4.docusign.net/Signing/EmailStart.aspx?a=8f31c2&acct=77&er=5",
            ),
            (
                "Download the app",
                "https://www.docusign.com/features-and-benefits/mobile",
            ),
        ],
        ..NONE
    },
    Honest {
        name: "docusign-safelinks",
        from: "\"Contract desk via DocuSign\" <dse_NA4@docusign.net>",
        bounces: "docusign.net",
        signs: "docusign.net",
        by: Receiver::SafeLinks,
        reply_to: "contracts@supplier.example",
        subject: "Complete with DocuSign: Framework agreement 2026.pdf",
        text: &[
            "Contract desk sent you a document to review and sign.",
            "Please review and sign the document. Do not share this email: it contains a secure link to DocuSign.",
        ],
        links: &[
            (
                "REVIEW DOCUMENT",
                "https://na4.docusign.net/Signing/EmailStart.aspx?a=8f31c2&acct=77&er=5",
            ),
            (
                "Download the app",
                "https://www.docusign.com/features-and-benefits/mobile",
            ),
        ],
        ..NONE
    },
    Honest {
        name: "docusign-proofpoint",
        from: "\"Contract desk via DocuSign\" <dse_NA4@docusign.net>",
        bounces: "docusign.net",
        signs: "docusign.net",
        by: Receiver::Proofpoint,
        reply_to: "contracts@supplier.example",
        subject: "Complete with DocuSign: Framework agreement 2026.pdf",
        text: &[
            "Contract desk sent you a document to review and sign.",
            "Please review and sign the document. Do not share this email: it contains a secure link to DocuSign.",
        ],
        links: &[
            (
                "REVIEW DOCUMENT",
                "https://na4.docusign.net/Signing/EmailStart.aspx?a=8f31c2&acct=77&er=5",
            ),
            (
                "Download the app",
                "https://www.docusign.com/features-and-benefits/mobile",
            ),
        ],
        ..NONE
    },
    Honest {
        name: "docusign-mimecast",
        from: "\"Contract desk via DocuSign\" <dse_NA4@docusign.net>",
        bounces: "docusign.net",
        signs: "docusign.net",
        by: Receiver::Mimecast,
        reply_to: "contracts@supplier.example",
        subject: "Complete with DocuSign: Framework agreement 2026.pdf",
        text: &[
            "Contract desk sent you a document to review and sign.",
            "Please review and sign the document. Do not share this email: it contains a secure link to DocuSign.",
        ],
        links: &[
            (
                "REVIEW DOCUMENT",
                "https://na4.docusign.net/Signing/EmailStart.aspx?a=8f31c2&acct=77&er=5",
            ),
            (
                "Download the app",
                "https://www.docusign.com/features-and-benefits/mobile",
            ),
        ],
        ..NONE
    },
    Honest {
        name: "adobe-sign",
        from: "\"Adobe Acrobat Sign\" <adobesign@adobesign.com>",
        bounces: "adobesign.com",
        signs: "adobesign.com",
        by: Receiver::Microsoft,
        reply_to: "purchasing@supplier.example",
        subject: "Signature requested on \"Non-disclosure agreement\"",
        text: &[
            "Supplier Purchasing requests your signature on Non-disclosure agreement.",
            "After you sign, all parties will receive a final PDF copy by email.",
        ],
        links: &[(
            "Review and sign",
            "https://eu1.documents.adobe.com/public/esign?tsid=CBFCIBAA3",
        )],
        ..NONE
    },
    Honest {
        name: "dropbox-sign",
        from: "HelloSign <noreply@mail.hellosign.com>",
        bounces: "mail.hellosign.com",
        signs: "hellosign.com",
        by: Receiver::Google,
        subject: "You have been asked to sign: Lease amendment",
        text: &["The landlord has asked you to sign Lease amendment."],
        links: &[("Review & sign", "https://app.hellosign.com/t/5a1c9e")],
        ..NONE
    },
    Honest {
        name: "dhl-de",
        from: "\"DHL Paket\" <noreply@dhl.de>",
        bounces: "dhl.de",
        signs: "dhl.de",
        by: Receiver::Own,
        subject: "Ihr DHL Paket kommt am Dienstag",
        text: &[
            "Guten Tag, Ihr Paket von Beispielversand wird voraussichtlich am Dienstag zwischen 10 und 12 Uhr zugestellt.",
            "Sie sind nicht zu Hause? Legen Sie einen Ablageort fest.",
        ],
        links: &[
            (
                "Sendung verfolgen",
                "https://www.dhl.de/de/privatkunden/pakete-empfangen/verfolgen.html?piececode=00340434",
            ),
            ("Ablageort", "https://www.dhl.de/ablageort"),
        ],
        ..NONE
    },
    Honest {
        name: "dhl-uk",
        from: "DHL Parcel UK <noreply@parcel.dhl.co.uk>",
        bounces: "parcel.dhl.co.uk",
        signs: "dhl.co.uk",
        by: Receiver::Microsoft,
        subject: "Your parcel is out for delivery today",
        text: &["Your parcel from House of Example will be delivered today between 12:10 and 13:10."],
        links: &[("Track your parcel", "https://track.dhlparcel.co.uk/?con=6017")],
        ..NONE
    },
    Honest {
        name: "ups",
        from: "UPS <mcinfo@ups.com>",
        bounces: "ups.com",
        signs: "ups.com",
        by: Receiver::Proofpoint,
        subject: "UPS Update: Package Scheduled for Delivery Tomorrow",
        text: &["Your package is scheduled for delivery on Tuesday. A signature is required."],
        links: &[(
            "Follow my delivery",
            "https://www.ups.com/track?loc=en_US&tracknum=1Z2345YY0678901234",
        )],
        ..NONE
    },
    Honest {
        name: "royalmail",
        from: "Royal Mail <no-reply@royalmail.com>",
        bounces: "royalmail.com",
        signs: "royalmail.com",
        by: Receiver::Google,
        subject: "We tried to deliver your parcel",
        text: &[
            "We were unable to deliver your parcel today as nobody was in. You can rebook a delivery or collect it.",
        ],
        links: &[
            (
                "Rebook delivery",
                "https://49dkjhxx.r.eu-west-1.awstrack.me/L0/https:%2F%2Fwww.royalmail.com%2Frebook/1/0102",
            ),
            ("Royal Mail", "https://www.royalmail.com/"),
        ],
        ..NONE
    },
    Honest {
        name: "dpd-fr",
        from: "DPD France <ne-pas-repondre@dpd.fr>",
        bounces: "dpd.fr",
        signs: "dpd.fr",
        by: Receiver::Microsoft,
        subject: "Votre colis arrive demain",
        text: &["Bonjour, votre colis sera livré demain. Vous pouvez choisir un autre jour."],
        links: &[("Suivre mon colis", "https://trace.dpd.fr/fr/trace/25000")],
        ..NONE
    },
    Honest {
        name: "correos",
        from: "Correos <no-reply@correos.com>",
        bounces: "correos.com",
        signs: "correos.com",
        by: Receiver::Google,
        subject: "Su envío está en reparto",
        text: &["Su envío será entregado hoy. Siga el estado de su envío en nuestra web."],
        links: &[(
            "Seguir envío",
            "https://www.correos.es/es/es/herramientas/localizador/envios/detalle?tracking-number=PQ4",
        )],
        ..NONE
    },
    Honest {
        name: "postnl",
        from: "PostNL <noreply@edm.postnl.nl>",
        bounces: "edm.postnl.nl",
        signs: "postnl.nl",
        by: Receiver::Own,
        subject: "Je pakket wordt vandaag bezorgd",
        text: &["Je pakket van Voorbeeldwinkel wordt vandaag bezorgd tussen 14:00 en 16:00."],
        links: &[("Volg je pakket", "https://jouw.postnl.nl/track-and-trace/3STEST")],
        ..NONE
    },
    Honest {
        name: "poste-it",
        from: "Poste Italiane <noreply@posteitaliane.it>",
        bounces: "posteitaliane.it",
        signs: "posteitaliane.it",
        by: Receiver::Microsoft,
        subject: "La tua spedizione è in consegna",
        text: &["Gentile cliente, la tua spedizione è in consegna oggi."],
        links: &[(
            "Segui la spedizione",
            "https://www.poste.it/cerca/index.html#/risultati-spedizioni/CX1",
        )],
        ..NONE
    },
    Honest {
        name: "paypal-de",
        from: "\"service@paypal.de\" <service@paypal.de>",
        bounces: "paypal.de",
        signs: "paypal.de",
        by: Receiver::Google,
        subject: "Sie haben eine Zahlung an Beispielladen GmbH gesendet",
        text: &[
            "Guten Tag, Sie haben eine Zahlung über 34,90 EUR an Beispielladen GmbH gesendet. Es kann einige Momente dauern, bis diese Transaktion in Ihrem Konto angezeigt wird.",
        ],
        links: &[
            ("Details aufrufen", "https://www.paypal.com/activity/payment/4JX"),
            ("Hilfe", "https://www.paypal.com/de/smarthelp/home"),
        ],
        ..NONE
    },
    Honest {
        name: "paypal-receipt",
        from: "PayPal <service@intl.paypal.com>",
        bounces: "intl.paypal.com",
        signs: "intl.paypal.com",
        by: Receiver::Proofpoint,
        subject: "Receipt for your payment to Example Music Ltd",
        text: &[
            "You sent a payment of 9.99 USD to Example Music Ltd. Invoice number 88213. Transaction ID 4JX12345. If you did not authorize this payment, log in and go to the Resolution Center.",
        ],
        links: &[(
            "View transaction",
            "https://www.paypal.com/myaccount/transaction/details/4JX",
        )],
        ..NONE
    },
    Honest {
        name: "sparkasse",
        from: "Sparkasse Musterstadt <info@sparkasse-musterstadt.de>",
        bounces: "sparkasse-musterstadt.de",
        signs: "sparkasse-musterstadt.de",
        by: Receiver::Own,
        subject: "Neue Nachricht in Ihrem Postfach",
        text: &[
            "Guten Tag, in Ihrem elektronischen Postfach liegt eine neue Nachricht. Bitte melden Sie sich wie gewohnt im Online-Banking an. Aus Sicherheitsgründen enthält diese Mail keinen Link.",
        ],
        ..NONE
    },
    Honest {
        name: "chase",
        from: "Chase <no.reply.alerts@chase.com>",
        bounces: "chase.com",
        signs: "chase.com",
        by: Receiver::Microsoft,
        subject: "Your statement is ready",
        text: &["Your account statement for the account ending in 1234 is ready. Sign in to view it."],
        links: &[("See statement", "https://secure.chase.com/web/auth/dashboard")],
        ..NONE
    },
    Honest {
        name: "revolut",
        from: "Revolut <no-reply@revolut.com>",
        bounces: "email.revolut.com",
        signs: "revolut.com",
        by: Receiver::Google,
        subject: "New sign in to your account",
        text: &[
            "We noticed a new sign in to your account on a new device. If this was you, you do not need to do anything. If not, secure your account in the app immediately.",
        ],
        links: &[("Help", "https://help.revolut.com/")],
        ..NONE
    },
    Honest {
        name: "stripe-receipt",
        from: "\"Example Software Inc.\" <receipts+acct_1A2@stripe.com>",
        bounces: "bounce.stripe.com",
        signs: "stripe.com",
        by: Receiver::Microsoft,
        reply_to: "billing@software.example",
        subject: "Your receipt from Example Software Inc. #2218-4410",
        text: &["Amount paid 49.00 USD. Date paid November 2, 2026. Payment method Visa 4242. Subscription renewed."],
        links: &[
            ("View invoice", "https://invoice.stripe.com/i/acct_1A2/live_9"),
            ("Contact", "https://software.example/support"),
        ],
        ..NONE
    },
    Honest {
        name: "failed-payment",
        from: "\"Example Hosting\" <billing@hosting.example>",
        bounces: "em4410.hosting.example",
        signs: "hosting.example",
        by: Receiver::Google,
        subject: "Payment failed for invoice 4471",
        text: &[
            "Hello, your payment failed because the card has expired. Please update your payment method within 7 days to avoid interruption of your service.",
        ],
        links: &[("Update payment method", "https://my.hosting.example/billing/methods")],
        ..NONE
    },
    Honest {
        name: "bank-transfer",
        from: "\"Accounts, Example Supplier\" <accounts@supplier.example>",
        bounces: "supplier.example",
        signs: "supplier.example",
        by: Receiver::Own,
        subject: "Invoice 2026-1187",
        text: &[
            "Dear accounts payable, please find attached invoice 2026-1187 over 1,190.00 EUR. Please transfer the amount within 14 days to the account named on the invoice.",
            "Best regards, Accounts",
        ],
        personal: true,
        file: Some(("Invoice-2026-1187.pdf", "application/pdf")),
        ..NONE
    },
    Honest {
        name: "rechnung",
        from: "Buchhaltung Beispiel GmbH <buchhaltung@beispiel-lieferant.de>",
        bounces: "beispiel-lieferant.de",
        signs: "beispiel-lieferant.de",
        by: Receiver::Microsoft,
        subject: "Rechnung RE-20261102",
        text: &[
            "Sehr geehrte Damen und Herren, anbei erhalten Sie unsere Rechnung. Bitte überweisen Sie den Betrag bis zum 16.11.2026. Bei Fragen rufen Sie uns an: 030 901820-0.",
        ],
        personal: true,
        file: Some(("RE-20261102.pdf", "application/pdf")),
        ..NONE
    },
    Honest {
        name: "facture",
        from: "Comptabilité <facturation@fournisseur.example>",
        bounces: "fournisseur.example",
        signs: "fournisseur.example",
        by: Receiver::Own,
        subject: "Facture F-2026-338",
        text: &["Bonjour, veuillez trouver ci-joint notre facture. Règlement par virement à 30 jours. Cordialement."],
        personal: true,
        file: Some(("F-2026-338.pdf", "application/pdf")),
        ..NONE
    },
    Honest {
        name: "microsoft-security",
        from: "Microsoft account team <account-security-noreply@accountprotection.microsoft.com>",
        bounces: "accountprotection.microsoft.com",
        signs: "accountprotection.microsoft.com",
        by: Receiver::Microsoft,
        subject: "Microsoft account security alert",
        text: &[
            "We think that someone else might have accessed the account j***@corp.example. To get back in, review recent activity and we will help you secure your account.",
        ],
        links: &[("Review recent activity", "https://account.live.com/Activity")],
        ..NONE
    },
    Honest {
        name: "google-security",
        from: "Google <no-reply@accounts.google.com>",
        bounces: "gaia.bounces.google.com",
        signs: "accounts.google.com",
        by: Receiver::Google,
        subject: "Security alert",
        text: &[
            "A new sign-in on Linux. We noticed a new sign-in to your account. If this was you, you do not need to do anything. If not, we will help you secure your account.",
        ],
        links: &[(
            "Check activity",
            "https://accounts.google.com/AccountChooser?Email=j.meyer@corp.example",
        )],
        ..NONE
    },
    Honest {
        name: "github-device",
        from: "GitHub <noreply@github.com>",
        bounces: "github.com",
        signs: "github.com",
        by: Receiver::Google,
        subject: "[GitHub] Please verify your device",
        text: &[
            "Hey! A sign in attempt requires further verification because we did not recognize your device. Verification code: 731092.",
        ],
        links: &[("Settings", "https://github.com/settings/sessions")],
        ..NONE
    },
    Honest {
        name: "password-reset",
        from: "\"Example Tickets\" <no-reply@tickets.example>",
        bounces: "amazonses.com",
        signs: "tickets.example",
        by: Receiver::Microsoft,
        subject: "Reset your password",
        text: &[
            "Someone requested a new password for your account. If it was you, click the button below within 24 hours. If not, ignore this mail.",
        ],
        links: &[("Reset password", "https://accounts.tickets.example/reset?token=6f1a")],
        ..NONE
    },
    Honest {
        name: "password-reset-tracked",
        from: "Example Learning <hello@learning.example>",
        bounces: "em.sendgrid.net",
        signs: "learning.example",
        by: Receiver::SafeLinks,
        subject: "Confirm your email address",
        text: &["Welcome! Please confirm your email address to finish signing up."],
        links: &[("Confirm email", "https://u1234.ct.sendgrid.net/ls/click?upn=AbC123")],
        ..NONE
    },
    Honest {
        name: "mfa",
        from: "\"Corp identity\" <no-reply@corp.example>",
        bounces: "corp.example",
        signs: "corp.example",
        by: Receiver::Own,
        subject: "Your password expires in 5 days",
        text: &[
            "Your password will expire in 5 days. Change it at your workstation with Ctrl+Alt+Del. The service desk never asks for your password.",
        ],
        ..NONE
    },
    Honest {
        name: "quarantine",
        from: "quarantine@messaging.microsoft.com",
        bounces: "messaging.microsoft.com",
        signs: "messaging.microsoft.com",
        by: Receiver::Microsoft,
        subject: "Microsoft 365 security: You have messages in quarantine",
        text: &[
            "Review these messages. 2 messages are being held for you to review as of 02.11.2026. Review them within 30 days.",
        ],
        links: &[("Review message", "https://security.microsoft.com/quarantine?id=1")],
        ..NONE
    },
    Honest {
        name: "storage-google",
        from: "Google <no-reply@google.com>",
        bounces: "scoutcamp.bounces.google.com",
        signs: "google.com",
        by: Receiver::Google,
        subject: "Your account storage is 80% full",
        text: &[
            "You are using 12 GB of 15 GB. When you run out of space, you cannot save new files. Get more storage or clean up space.",
        ],
        links: &[
            ("Clean up space", "https://one.google.com/storage/management"),
            ("Get more storage", "https://one.google.com/about/plans"),
        ],
        ..NONE
    },
    Honest {
        name: "netflix",
        from: "Netflix <info@account.netflix.com>",
        bounces: "account.netflix.com",
        signs: "account.netflix.com",
        by: Receiver::Microsoft,
        subject: "Your payment was declined",
        text: &[
            "We had trouble with your current billing information. We will try again, but in the meantime you may want to update your payment details.",
        ],
        links: &[("Update account now", "https://www.netflix.com/YourAccountPayment")],
        ..NONE
    },
    Honest {
        name: "apple-receipt",
        from: "Apple <no_reply@email.apple.com>",
        bounces: "email.apple.com",
        signs: "email.apple.com",
        by: Receiver::Google,
        subject: "Your receipt from Apple.",
        text: &[
            "Receipt. Apple Account j.meyer@corp.example. Order ID MX7. iCloud+ with 200 GB storage, monthly, renews 2 December 2026. 2.99 EUR. If you did not authorize this purchase, visit report a problem.",
        ],
        links: &[("Report a Problem", "https://reportaproblem.apple.com/")],
        ..NONE
    },
    Honest {
        name: "mailchimp",
        from: "Packaging Monthly <news@packaging-monthly.example>",
        bounces: "mail7.mcsv.net",
        signs: "mcsv.net",
        by: Receiver::Google,
        leave: "https://packaging-monthly.us4.list-manage.com/unsubscribe?u=1",
        subject: "Lighter boxes, fewer claims",
        text: &[
            "Five ways to lighter boxes, what the new label rules mean, and trade fairs this winter.",
            "Win a ticket: answer three questions.",
        ],
        links: &[
            (
                "Read more",
                "https://packaging-monthly.us4.list-manage.com/track/click?u=1&id=2&e=3",
            ),
            (
                "Unsubscribe",
                "https://packaging-monthly.us4.list-manage.com/unsubscribe?u=1&id=2",
            ),
        ],
        fields: &[
            ("List-Id", "<packaging-monthly.list-manage.com>"),
            ("X-Mailer", "MailChimp Mailer"),
        ],
        ..NONE
    },
    Honest {
        name: "hubspot",
        from: "\"Anna at Example CRM\" <anna@crm.example>",
        bounces: "bf03.hubspotemail.net",
        signs: "crm.example",
        by: Receiver::Microsoft,
        leave: "https://hs.crm.example/unsub",
        subject: "Your invitation to our webinar on Thursday",
        text: &["Join our webinar: how teams lower their costs with better leads. Limited seats, register now."],
        links: &[
            ("Save my seat", "https://d2.crm-mail.example/Ctc/ZZ+113/c1"),
            ("Unsubscribe", "https://hs.crm.example/unsub"),
        ],
        ..NONE
    },
    Honest {
        name: "shop-sale",
        from: "Example Outdoor <hallo@news.outdoor-shop.example>",
        bounces: "news.outdoor-shop.example",
        signs: "outdoor-shop.example",
        by: Receiver::SafeLinks,
        leave: "https://click.news.outdoor-shop.example/u",
        subject: "Nur heute: 20 % Rabatt auf alles!",
        text: &["Nur heute: 20 % Rabatt auf alles. Gutschein: HERBST20. Kostenloser Versand ab 50 EUR."],
        links: &[
            ("Jetzt shoppen", "https://click.news.outdoor-shop.example/?qs=5f1"),
            ("Abmelden", "https://click.news.outdoor-shop.example/u?qs=6"),
        ],
        ..NONE
    },
    Honest {
        name: "loyalty",
        from: "Example Air Miles <miles@mail.air.example>",
        bounces: "mail.air.example",
        signs: "mail.air.example",
        by: Receiver::Google,
        leave: "https://click.mail.air.example/u",
        subject: "Congratulations, you have reached Silver",
        text: &[
            "Congratulations! You have been selected for Silver status. Claim your welcome bonus of 500 points and redeem your reward before 31 December.",
        ],
        links: &[
            ("See my benefits", "https://click.mail.air.example/l/1"),
            ("My account", "https://www.air.example/account"),
        ],
        ..NONE
    },
    Honest {
        name: "substack",
        from: "The Detection Digest <detection@substack.com>",
        bounces: "mg1.substack.com",
        signs: "substack.com",
        by: Receiver::Google,
        leave: "https://detection.substack.com/action/disable_email",
        subject: "What we learned from 1,000 phishing mails",
        text: &[
            "This week: attackers claim to have recorded victims and ask for bitcoin; urgent requests for gift cards; and an inheritance of millions. How do people fall for it?",
        ],
        links: &[
            ("Read in app", "https://open.substack.com/pub/detection/p/phish"),
            ("Unsubscribe", "https://detection.substack.com/action/disable_email"),
        ],
        ..NONE
    },
    Honest {
        name: "health-news",
        from: "Example Pharmacy <service@apotheke.example>",
        bounces: "service.apotheke.example",
        signs: "apotheke.example",
        by: Receiver::Own,
        leave: "https://www.apotheke.example/abmelden",
        subject: "Ihr Ratgeber: Blutdruck senken",
        text: &[
            "Ratgeber im November: Blutdruck senken, Rückenschmerzen vorbeugen, Diabetes erkennen. 10 % Rabatt auf Vitamine.",
        ],
        links: &[("Zum Ratgeber", "https://www.apotheke.example/ratgeber")],
        ..NONE
    },
    Honest {
        name: "linkedin",
        from: "LinkedIn <messages-noreply@linkedin.com>",
        bounces: "bounce.linkedin.com",
        signs: "linkedin.com",
        by: Receiver::Google,
        leave: "https://www.linkedin.com/e/v2?e=1",
        subject: "You have 3 new invitations",
        text: &["3 people want to connect with you."],
        links: &[(
            "View invitations",
            "https://www.linkedin.com/comm/mynetwork/invite-connect/invitations?midToken=AQ",
        )],
        ..NONE
    },
    Honest {
        name: "charity",
        from: "Example Relief <info@relief.example>",
        bounces: "info.relief.example",
        signs: "relief.example",
        by: Receiver::Google,
        leave: "https://www.relief.example/u",
        subject: "Your donation at work",
        text: &[
            "Dear friend, thanks to your donation, the fund helped 1,200 orphans. A second donation today is doubled. Donate now.",
        ],
        links: &[
            ("Donate", "https://donate.relief.example/?c=nov"),
            ("Unsubscribe", "https://www.relief.example/u"),
        ],
        ..NONE
    },
    Honest {
        name: "game-news",
        from: "Steam <noreply@steampowered.com>",
        bounces: "steampowered.com",
        signs: "steampowered.com",
        by: Receiver::Google,
        subject: "Games from your wishlist are on sale",
        text: &["2 games you have wished for are on sale. Offers end soon."],
        links: &[("View on Steam", "https://store.steampowered.com/wishlist/")],
        ..NONE
    },
    Honest {
        name: "jira",
        from: "\"Jira\" <jira@corpexample.atlassian.net>",
        bounces: "corpexample.atlassian.net",
        signs: "atlassian.net",
        by: Receiver::Microsoft,
        subject: "[JIRA] (OPS-118) Gateway drops mails",
        text: &[
            "ap-clerk commented on OPS-118: the gateway drops mails with encrypted attachments since 9:00. Urgent, please look immediately.",
        ],
        links: &[("View issue", "https://corpexample.atlassian.net/browse/OPS-118")],
        fields: &[("Precedence", "bulk")],
        ..NONE
    },
    Honest {
        name: "zendesk",
        from: "\"Example Support\" <support@software.example>",
        bounces: "zendesk.com",
        signs: "software.example",
        by: Receiver::Google,
        reply_to: "\"Example Support\" <support+id4417@software-example.zendesk.com>",
        subject: "Re: Licence key does not work [Ticket #4417]",
        text: &["Your request (4417) has been updated. Hello, please try the key again, we have reactivated it."],
        links: &[("Ticket", "https://software-example.zendesk.com/hc/requests/4417")],
        ..NONE
    },
    Honest {
        name: "servicenow",
        from: "IT Service Desk <servicedesk@corp.example>",
        bounces: "service-now.com",
        signs: "corp.example",
        by: Receiver::Own,
        subject: "INC0012345 has been resolved",
        text: &["Your incident has been resolved. If it happens again, reply to this mail within 5 days."],
        links: &[(
            "View incident",
            "https://corpexample.service-now.com/nav_to.do?uri=incident.do",
        )],
        ..NONE
    },
    Honest {
        name: "github-ci",
        from: "ap-clerk <notifications@github.com>",
        bounces: "github.com",
        signs: "github.com",
        by: Receiver::Google,
        reply_to: "corp/portal <reply+AB12@reply.github.com>",
        subject: "[corp/portal] Run failed: build - main (4f2c1aa)",
        text: &["build: All jobs have failed. View workflow run."],
        links: &[("View workflow run", "https://github.com/corp/portal/actions/runs/1")],
        fields: &[
            ("List-Id", "corp/portal <portal.corp.github.com>"),
            ("In-Reply-To", "<corp/portal@github.com>"),
        ],
        ..NONE
    },
    Honest {
        name: "gitlab-ci",
        from: "GitLab <gitlab@mg.gitlab.com>",
        bounces: "mg.gitlab.com",
        signs: "mg.gitlab.com",
        by: Receiver::Google,
        subject: "portal | Failed pipeline for main | 4f2c1aa8",
        text: &["Your pipeline has failed. Job lint failed."],
        links: &[("Pipeline", "https://gitlab.com/corp/portal/-/pipelines/1")],
        ..NONE
    },
    Honest {
        name: "sentry",
        from: "Sentry <noreply@md.getsentry.com>",
        bounces: "md.getsentry.com",
        signs: "getsentry.com",
        by: Receiver::Microsoft,
        subject: "PORTAL-1A - TypeError: undefined is not a function",
        text: &["New issue from production. TypeError in checkout."],
        links: &[("View on Sentry", "https://corp.sentry.io/issues/1/")],
        ..NONE
    },
    Honest {
        name: "status",
        from: "Example Cloud Status <noreply@statuspage.io>",
        bounces: "statuspage.io",
        signs: "statuspage.io",
        by: Receiver::Google,
        reply_to: "support@cloud.example",
        subject: "[Cloud status] Investigating: elevated error rates",
        text: &["We are currently investigating elevated error rates. Some requests may be delayed."],
        links: &[("View incident", "https://status.cloud.example/incidents/1")],
        ..NONE
    },
    Honest {
        name: "pagerduty",
        from: "PagerDuty <no-reply@pagerduty.com>",
        bounces: "pagerduty.com",
        signs: "pagerduty.com",
        by: Receiver::Microsoft,
        subject: "[ALERT] Incident #881 on gateway: disk is full",
        text: &["Incident triggered: storage is full on mx1. Acknowledge immediately."],
        links: &[("View incident", "https://corpexample.pagerduty.com/incidents/Q1")],
        ..NONE
    },
    Honest {
        name: "calendar",
        from: "\"Project lead\" <lead@supplier.example>",
        bounces: "supplier.example",
        signs: "supplier.example",
        by: Receiver::Microsoft,
        subject: "Invitation: Weekly @ Tue 3 Nov 2026 10:00",
        text: &["You have been invited to Weekly. Going? Yes - No - Maybe"],
        links: &[
            ("Join with Google Meet", "https://meet.google.com/abc-defg-hij"),
            (
                "Yes",
                "https://calendar.google.com/calendar/event?action=RESPOND&eid=Nmk",
            ),
        ],
        file: Some(("invite.ics", "text/calendar")),
        ..NONE
    },
    Honest {
        name: "zoom",
        from: "Zoom <no-reply@zoom.us>",
        bounces: "zoom.us",
        signs: "zoom.us",
        by: Receiver::Google,
        subject: "Meeting assets for Weekly are ready",
        text: &["Your cloud recording is now available. Click the link below to view your recording."],
        links: &[("Recording", "https://us02web.zoom.us/recording/detail?meeting_id=1")],
        ..NONE
    },
    Honest {
        name: "teams",
        from: "\"Procurement (Supplier) via Microsoft Teams\" <noreply@email.teams.microsoft.com>",
        bounces: "email.teams.microsoft.com",
        signs: "email.teams.microsoft.com",
        by: Receiver::SafeLinks,
        subject: "You have been added as a guest to Supplier in Microsoft Teams",
        text: &["Supplier added you to the team Framework agreement."],
        links: &[("Open Microsoft Teams", "https://teams.microsoft.com/l/team/19:1")],
        ..NONE
    },
    Honest {
        name: "sharepoint",
        from: "\"Project lead\" <no-reply@sharepointonline.com>",
        bounces: "sharepointonline.com",
        signs: "sharepointonline.com",
        by: Receiver::Proofpoint,
        reply_to: "lead@supplier.example",
        subject: "Project lead shared \"Plan 2026.xlsx\" with you",
        text: &["Project lead shared a file with you. This link only works for the direct recipients of this message."],
        links: &[("Open", "https://supplier-my.sharepoint.com/:x:/g/personal/lead/EdX")],
        ..NONE
    },
    Honest {
        name: "wetransfer",
        from: "WeTransfer <noreply@wetransfer.com>",
        bounces: "wetransfer.com",
        signs: "wetransfer.com",
        by: Receiver::Google,
        reply_to: "media@agency.example",
        subject: "media@agency.example sent you photos.zip via WeTransfer",
        text: &["media@agency.example sent you some files. 1 item, 84 MB in total. Expires on 9 November 2026."],
        links: &[("Get your files", "https://wetransfer.com/downloads/1a2b/3c")],
        ..NONE
    },
    Honest {
        name: "google-docs",
        from: "\"Lead (via Google Docs)\" <drive-shares-dm-noreply@google.com>",
        bounces: "doclist.bounces.google.com",
        signs: "google.com",
        by: Receiver::Google,
        reply_to: "Lead <lead@supplier.example>",
        subject: "Document shared with you: \"Minutes\"",
        text: &["lead@supplier.example has invited you to edit the following document: Minutes."],
        links: &[("Open", "https://docs.google.com/document/d/1aB/edit?usp=sharing_eil")],
        ..NONE
    },
    Honest {
        name: "forms",
        from: "Human Resources <hr@corp.example>",
        bounces: "corp.example",
        signs: "corp.example",
        by: Receiver::Own,
        subject: "Survey: canteen",
        text: &[
            "Dear colleagues, please answer a few questions about the canteen until Friday. The survey is anonymous.",
        ],
        links: &[("To the survey", "https://forms.office.com/e/7aQ")],
        ..NONE
    },
    Honest {
        name: "list-dmarc",
        from: "Somebody via Users <users@lists.project.example>",
        bounces: "lists.project.example",
        signs: "lists.project.example",
        by: Receiver::Google,
        reply_to: "somebody@elsewhere.example",
        leave: "mailto:users-leave@lists.project.example",
        subject: "Re: [users] Build fails on ARM",
        text: &[
            "On Sunday somebody wrote: > it fails",
            "You need to verify your toolchain first. See the page below.",
        ],
        links: &[("page", "https://docs.project.example/arm")],
        personal: true,
        fields: &[
            ("List-Id", "<users.lists.project.example>"),
            ("List-Post", "<mailto:users@lists.project.example>"),
            ("In-Reply-To", "<1@elsewhere.example>"),
            ("References", "<1@elsewhere.example>"),
        ],
        ..NONE
    },
    Honest {
        name: "newsgroup-free",
        from: "A Reader <a.reader.1984@gmail.com>",
        bounces: "gmail.com",
        signs: "gmail.com",
        by: Receiver::Microsoft,
        subject: "Question about your article",
        text: &[
            "Hello, I read your article about packaging. Is there a longer version? My number is below if you prefer to talk. Thank you and good day.",
        ],
        personal: true,
        ..NONE
    },
    Honest {
        name: "family",
        from: "Mother <mother.meyer@web.de>",
        bounces: "web.de",
        signs: "web.de",
        by: Receiver::Google,
        subject: "Sunday",
        text: &[
            "Hello dear, are you available on Sunday? I am in a meeting of the choir until noon. The gift card for the book shop is for you. Love",
        ],
        personal: true,
        ..NONE
    },
    Honest {
        name: "colleague-mobile",
        from: "\"J. Smith\" <j.smith@partner.example>",
        bounces: "partner.example",
        signs: "partner.example",
        by: Receiver::Own,
        subject: "RE: offer",
        text: &["Hi, sounds good, please send the contract. I will make the payment next week. Sent from my phone"],
        personal: true,
        fields: &[
            ("In-Reply-To", "<77@corp.example>"),
            ("References", "<77@corp.example>"),
        ],
        ..NONE
    },
    Honest {
        name: "supplier-bank",
        from: "Supplier Finance <finance@supplier.example>",
        bounces: "supplier.example",
        signs: "supplier.example",
        by: Receiver::Microsoft,
        subject: "Our new bank account",
        text: &[
            "Dear customer, we have changed banks. You find our new bank details on the attached letter. Please call your known contact at our company to verify before you change anything.",
        ],
        personal: true,
        file: Some(("New-bank-details.pdf", "application/pdf")),
        ..NONE
    },
    Honest {
        name: "photographer",
        from: "Studio <studio.example.foto@gmail.com>",
        bounces: "gmail.com",
        signs: "gmail.com",
        by: Receiver::Google,
        subject: "Your pictures",
        text: &["Hi, your pictures are ready. Here is the folder."],
        links: &[("folder", "https://drive.google.com/drive/folders/1a")],
        personal: true,
        ..NONE
    },
    Honest {
        name: "workday",
        from: "Corp HR <corpexample@myworkday.com>",
        bounces: "myworkday.com",
        signs: "myworkday.com",
        by: Receiver::Proofpoint,
        subject: "Action required: complete your annual compliance training",
        text: &["You have an outstanding task: complete your training by 30 November."],
        links: &[("Go to task", "https://wd3.myworkday.com/corpexample/d/task/1.htmld")],
        ..NONE
    },
    Honest {
        name: "payslip",
        from: "Personalabteilung <personal@corp.example>",
        bounces: "corp.example",
        signs: "corp.example",
        by: Receiver::Own,
        subject: "Ihre Gehaltsabrechnung Oktober",
        text: &[
            "Ihre Gehaltsabrechnung für Oktober liegt im Personalportal bereit. Mit freundlichen Grüßen, Ihre Personalabteilung",
        ],
        links: &[("Personalportal", "https://portal.corp.example/personal")],
        ..NONE
    },
    Honest {
        name: "recruiting",
        from: "\"Example AG Recruiting\" <noreply@smartrecruiters.com>",
        bounces: "smartrecruiters.com",
        signs: "smartrecruiters.com",
        by: Receiver::Google,
        reply_to: "recruiting@example-ag.example",
        subject: "Ihre Bewerbung bei Example AG",
        text: &["Vielen Dank für Ihre Bewerbung. Wir melden uns in den nächsten Tagen."],
        links: &[("Status", "https://jobs.smartrecruiters.com/my-applications")],
        ..NONE
    },
    Honest {
        name: "airline",
        from: "Lufthansa <online@booking-lufthansa.com>",
        bounces: "booking-lufthansa.com",
        signs: "booking-lufthansa.com",
        by: Receiver::Microsoft,
        subject: "Your booking details | Departure: 10 November 2026 | FRA-LHR",
        text: &[
            "Thank you for your booking. Booking code ABC123. Please check in online from 23 hours before departure.",
        ],
        links: &[("Check in", "https://www.lufthansa.com/de/en/online-check-in")],
        ..NONE
    },
    Honest {
        name: "hotel",
        from: "\"Hotel Example\" <1234567890@guest.booking.com>",
        bounces: "guest.booking.com",
        signs: "booking.com",
        by: Receiver::Google,
        subject: "We received this message from Hotel Example",
        text: &["Hotel Example sent you a message: the reception is open until 22:00."],
        links: &[("Reply", "https://secure.booking.com/confirmation?bn=1")],
        ..NONE
    },
    Honest {
        name: "tax",
        from: "ELSTER <noreply@elster.de>",
        bounces: "elster.de",
        signs: "elster.de",
        by: Receiver::Own,
        subject: "Neue Nachricht in Mein ELSTER",
        text: &[
            "Sehr geehrte Nutzerin, sehr geehrter Nutzer, in Ihrem Posteingang liegt ein neuer Bescheid zur Abholung bereit. Diese Mail enthält aus Sicherheitsgründen keine Links.",
        ],
        ..NONE
    },
    Honest {
        name: "gov-fr",
        from: "\"impots.gouv.fr\" <nepasrepondre@dgfip.finances.gouv.fr>",
        bounces: "dgfip.finances.gouv.fr",
        signs: "dgfip.finances.gouv.fr",
        by: Receiver::Google,
        subject: "Votre avis d'impôt est disponible",
        text: &[
            "Votre avis d'impôt est disponible dans votre espace particulier. Ne cliquez pas sur les liens de messages inconnus.",
        ],
        links: &[("impots.gouv.fr", "https://www.impots.gouv.fr/")],
        ..NONE
    },
    Honest {
        name: "domain-expiry",
        from: "IONOS <no-reply@ionos.de>",
        bounces: "ionos.de",
        signs: "ionos.de",
        by: Receiver::Microsoft,
        subject: "Ihre Domain läuft bald ab",
        text: &["Ihre Domain corp.example läuft am 30.11.2026 ab. Die Verlängerung erfolgt automatisch."],
        links: &[("Zum Konto", "https://mein.ionos.de/domains")],
        ..NONE
    },
    Honest {
        name: "isp-it",
        from: "TIM <noreply@tim.it>",
        bounces: "tim.it",
        signs: "tim.it",
        by: Receiver::Google,
        subject: "La tua fattura è disponibile",
        text: &["Gentile cliente, la tua fattura di novembre è disponibile. In scadenza il 20/11."],
        links: &[("Vedi fattura", "https://www.tim.it/mytim")],
        ..NONE
    },
    Honest {
        name: "bank-es",
        from: "BBVA <notificaciones@bbva.es>",
        bounces: "bbva.es",
        signs: "bbva.es",
        by: Receiver::Microsoft,
        subject: "Tienes un nuevo documento",
        text: &["Hola, tienes un nuevo documento disponible en tu área de cliente."],
        links: &[("Acceder", "https://www.bbva.es/")],
        ..NONE
    },
    Honest {
        name: "nubank",
        from: "Nubank <todomundo@nubank.com.br>",
        bounces: "nubank.com.br",
        signs: "nubank.com.br",
        by: Receiver::Google,
        subject: "Sua fatura fechou",
        text: &["Olá, a fatura do seu cartão fechou. O vencimento é dia 10. Você pode pagar pelo aplicativo."],
        links: &[("Abrir o app", "https://nubank.com.br/app")],
        ..NONE
    },
];
