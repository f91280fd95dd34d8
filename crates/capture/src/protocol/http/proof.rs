//! Who proves who he is in HTTP by NTLM or by a ticket of Kerberos (RFC 4559, MS-NTHT): for a connection, not for a request.

use super::super::{Context, kerberos, ntlm, spnego};
use watchfire_model::network::{Exchange, Kerberos};

/// What is known of it.
#[derive(Debug, Default)]
pub(super) struct Proof {
    proofs: Option<Box<ntlm::Proofs>>,
    ticket: Option<Box<Kerberos>>,
}

impl Proof {
    /// Hears what one of both ends says.
    pub(super) fn hear(&mut self, token: &[u8], context: &mut Context<'_>) {
        let token = spnego::token(token);
        if let Some(message) = token.ntlm {
            context.serves("ntlm");
            let proofs = self.proofs.get_or_insert_with(|| Box::new(ntlm::Proofs::new("http")));
            proofs.hear(message, context);
        }
        if let Some(ticket) = token.ticket.and_then(kerberos::ticket) {
            context.serves("krb");
            self.ticket = Some(Box::new(ticket));
        }
    }

    /// The server answers, and lets the client in or not; or it wants more of it.
    pub(super) fn answered(&mut self, is_refused: bool, token: Option<&[u8]>, context: &mut Context<'_>) {
        if let Some(mut ticket) = self.ticket.take() {
            ticket.success = Some(!is_refused);
            context.say(context.here, Exchange::Kerberos(ticket));
        }
        match token {
            Some(token) if is_refused => self.hear(token, context),
            _ => {
                if let Some(proofs) = &mut self.proofs {
                    proofs.outcome(!is_refused, context);
                }
            }
        }
    }

    /// Says what was not answered.
    pub(super) fn finish(&mut self, context: &mut Context<'_>) {
        if let Some(ticket) = self.ticket.take() {
            context.say(context.here, Exchange::Kerberos(ticket));
        }
        if let Some(mut proofs) = self.proofs.take() {
            proofs.finish(context);
        }
    }
}
