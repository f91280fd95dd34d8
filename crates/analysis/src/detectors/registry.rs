//! The detectors, in the order in which their findings come.

use super::archive::{
    bomb, deceptive_name, disguised_type, double_extension, password_beside, path_traversal, runnable_member,
};
use super::document::{active_content, credential_form, hidden_link, macro_runs, macro_stomped, script_page};
use super::email::{
    attachment, authentication, authentication_passed, callback, document_lead, elsewhere, extortion, file_alone,
    greeting, header_sanity, hidden_text, landing, link_house, name_address, odd_letters, open_pixel, own_domain,
    password_page, payment, phishing_model, picture_only, prize, promotion, qr_link, recipient_in_link, reply_to,
    sender_brand, sender_list, sender_lookalike, sender_throwaway, smuggling, thread, threat, two_types, urgency,
    windfall,
};
use super::executable::{
    altered, calls, carries, claims_vendor, loads_from, odd_header, odd_signature, packed, proxy, renamed, stands_in,
    telling_strings,
};
use super::file::{
    capabilities, downloaded, hidden, lookalike as system_lookalike, place, rights, runnable_stream, setuid_shell,
    starts_itself, system_elsewhere,
};
use super::link::{active_scheme, ip_executable, lookalike, numeric_host, odd_slashes, text_differs, userinfo};
use super::log::{first_admin, impossible_travel, password_guessing as log_password_guessing, sigma, unusual};
use super::network::{
    address_post, arp_spoofing, beaconing, carried_program, clear_login, dga, directory_theft, dns_tunnel, host_scan,
    icmp_tunnel, large_upload, long_connection, many_sessions, name_poisoning, odd_certificate, odd_port,
    password_guessing, ping_sweep, planted_program, port_scan, remote_execution, rogue_dhcp, scanning_tool,
    ticket_roasting, tls_nameless, tls_old,
};
use super::rule::yara;
use super::script::{destroys_copies, downloads_and_runs, encoded_command, hides_words};
use super::shortcut::{elsewhere as shortcut_elsewhere, hidden_arguments, runs_interpreter};
use super::{Detector, DetectorInfo};

/// Makes a detector for the analysis of one root.
pub type New = fn() -> Box<dyn Detector>;

/// Every detector.
pub const REGISTRY: &[New] = &[
    || Box::new(double_extension::DoubleExtension),
    || Box::new(deceptive_name::DeceptiveName::default()),
    || Box::new(disguised_type::DisguisedType),
    || Box::new(runnable_member::RunnableMember),
    || Box::new(password_beside::PasswordBeside),
    || Box::new(path_traversal::PathTraversal),
    || Box::new(bomb::Bomb),
    || Box::new(text_differs::TextDiffers),
    || Box::new(userinfo::Userinfo),
    || Box::<lookalike::Lookalike>::default(),
    || Box::new(numeric_host::NumericHost),
    || Box::new(odd_slashes::OddSlashes),
    || Box::new(ip_executable::IpExecutable),
    || Box::new(active_scheme::ActiveScheme),
    || Box::new(active_content::ActiveContent),
    || Box::<macro_runs::MacroRuns>::default(),
    || Box::new(macro_stomped::MacroStomped),
    || Box::new(runs_interpreter::RunsInterpreter),
    || Box::new(hidden_arguments::HiddenArguments),
    || Box::new(shortcut_elsewhere::ShortcutElsewhere),
    || Box::<downloads_and_runs::DownloadsAndRuns>::default(),
    || Box::<encoded_command::EncodedCommand>::default(),
    || Box::<hides_words::HidesWords>::default(),
    || Box::new(destroys_copies::DestroysCopies),
    || Box::new(credential_form::CredentialForm),
    || Box::new(hidden_link::HiddenLink),
    || Box::new(script_page::ScriptPage),
    || Box::new(sender_list::SenderList),
    || Box::new(name_address::NameAddress),
    || Box::new(sender_brand::SenderBrand),
    || Box::new(sender_lookalike::SenderLookalike),
    || Box::new(sender_throwaway::SenderThrowaway),
    || Box::new(own_domain::OwnDomain),
    || Box::new(reply_to::ReplyTo),
    || Box::new(authentication::AuthenticationFailed),
    || Box::new(authentication_passed::AuthenticationPassed),
    || Box::new(thread::ThreadHijack),
    || Box::new(landing::Landing),
    || Box::new(elsewhere::LinksElsewhere),
    || Box::new(recipient_in_link::RecipientInLink),
    || Box::new(link_house::LinkHouse),
    || Box::new(picture_only::PictureOnly),
    || Box::new(qr_link::QrLink),
    || Box::new(smuggling::Smuggling),
    || Box::new(password_page::PasswordPage),
    || Box::new(attachment::Attachment),
    || Box::new(file_alone::FileAlone),
    || Box::new(document_lead::DocumentLead),
    || Box::new(payment::PaymentRequest),
    || Box::new(callback::CallbackScam),
    || Box::new(windfall::Windfall),
    || Box::new(prize::Prize),
    || Box::new(threat::AccountThreat),
    || Box::new(extortion::Extortion),
    || Box::new(promotion::Promotion),
    || Box::new(urgency::Urgency),
    || Box::new(greeting::Greeting),
    || Box::new(hidden_text::HiddenText),
    || Box::new(odd_letters::OddLetters),
    || Box::new(header_sanity::HeaderSanity),
    || Box::new(two_types::TwoTypes),
    || Box::new(open_pixel::OpenPixel),
    || Box::new(phishing_model::PhishingModel),
    || Box::new(system_lookalike::SystemLookalike),
    || Box::new(system_elsewhere::SystemElsewhere),
    || Box::new(place::OddPlace),
    || Box::new(starts_itself::StartsItself),
    || Box::new(hidden::Hidden),
    || Box::new(rights::Rights),
    || Box::new(setuid_shell::SetuidShell),
    || Box::new(capabilities::OddCapabilities),
    || Box::new(runnable_stream::RunnableStream),
    || Box::new(downloaded::FromElsewhere),
    || Box::new(altered::Altered),
    || Box::new(odd_signature::OddSignature),
    || Box::new(renamed::Renamed),
    || Box::new(claims_vendor::ClaimsVendor),
    || Box::new(packed::Packed),
    || Box::new(carries::Carries),
    || Box::new(calls::Calls),
    || Box::new(loads_from::LoadsFrom),
    || Box::new(stands_in::StandsIn),
    || Box::new(telling_strings::TellingStrings),
    || Box::new(proxy::Proxy),
    || Box::new(odd_header::OddHeader),
    || Box::<yara::YaraMatch>::default(),
];

/// Those that hear what captures of networks say, while they are read.
pub const NETWORK: &[New] = &[
    || Box::<clear_login::ClearLogin>::default(),
    || Box::<port_scan::PortScan>::default(),
    || Box::<host_scan::HostScan>::default(),
    || Box::<ping_sweep::PingSweep>::default(),
    || Box::<scanning_tool::ScanningTool>::default(),
    || Box::<dns_tunnel::DnsTunnel>::default(),
    || Box::<dga::MadeUpNames>::default(),
    || Box::<long_connection::LongConnection>::default(),
    || Box::<large_upload::LargeUpload>::default(),
    || Box::<icmp_tunnel::IcmpTunnel>::default(),
    || Box::<odd_port::OddPort>::default(),
    || Box::<tls_nameless::TlsNameless>::default(),
    || Box::<tls_old::TlsOld>::default(),
    || Box::<carried_program::CarriedProgram>::default(),
    || Box::<address_post::AddressPost>::default(),
    || Box::<name_poisoning::NamePoisoning>::default(),
    || Box::<password_guessing::PasswordGuessing>::default(),
    || Box::<many_sessions::ManySessions>::default(),
    || Box::<arp_spoofing::ArpSpoofing>::default(),
    || Box::<directory_theft::DirectoryTheft>::default(),
    || Box::<odd_certificate::OddCertificate>::default(),
    || Box::<planted_program::PlantedProgram>::default(),
    || Box::<remote_execution::RemoteExecution>::default(),
    || Box::<rogue_dhcp::RogueDhcp>::default(),
    || Box::<ticket_roasting::TicketRoasting>::default(),
    || Box::new(beaconing::Beaconing),
];

/// Those that hear what logs say.
pub const LOG: &[New] = &[
    || Box::<sigma::SigmaMatch>::default(),
    || Box::<log_password_guessing::LogPasswordGuessing>::default(),
    || Box::<unusual::LogUnusual>::default(),
    || Box::<impossible_travel::ImpossibleTravel>::default(),
    || Box::<first_admin::FirstAdministrator>::default(),
];

/// What every detector is, for the catalogue and for whoever writes a suppression. What lies beside what, what is a
/// copy of what and what others know is no detector's: it takes several roots, or what is known on this machine, and comes
/// after all of them.
pub fn catalogue() -> impl Iterator<Item = &'static DetectorInfo> {
    let detectors = REGISTRY.iter().chain(NETWORK).chain(LOG).map(|new| new().info());
    detectors.chain([
        &crate::beside::INFO,
        &super::file::several_names::INFO,
        &crate::sighting::INFO,
    ])
}
