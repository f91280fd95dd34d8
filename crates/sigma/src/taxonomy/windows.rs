//! Which product, category and service an event log of Windows is of.
//!
//! Channels and event identifiers as the taxonomy appendix of the Sigma specification 2.1 lists them; beside it, processes
//! and registry values that the Security log audits (4688, 4657), which rules of these categories are written for too.

use crate::run::{Known, Origin};

/// Channels in lower case, and their service. In order.
const SERVICES: &[(&str, &str)] = &[
    ("application", "application"),
    ("dns server", "dns-server"),
    ("microsoft-iis-configuration/operational", "iis-configuration"),
    ("microsoft-servicebus-client/admin", "servicebus-client"),
    ("microsoft-servicebus-client/operational", "servicebus-client"),
    (
        "microsoft-windows-application-experience/program-compatibility-assistant",
        "application-experience",
    ),
    (
        "microsoft-windows-application-experience/program-telemetry",
        "application-experience",
    ),
    ("microsoft-windows-applocker/exe and dll", "applocker"),
    ("microsoft-windows-applocker/msi and script", "applocker"),
    ("microsoft-windows-applocker/packaged app-deployment", "applocker"),
    ("microsoft-windows-applocker/packaged app-execution", "applocker"),
    ("microsoft-windows-appmodel-runtime/admin", "appmodel-runtime"),
    (
        "microsoft-windows-appxdeploymentserver/operational",
        "appxdeployment-server",
    ),
    ("microsoft-windows-appxpackaging/operational", "appxpackaging-om"),
    ("microsoft-windows-bitlocker/bitlocker management", "bitlocker"),
    ("microsoft-windows-bits-client/operational", "bits-client"),
    ("microsoft-windows-capi2/operational", "capi2"),
    (
        "microsoft-windows-certificateservicesclient-lifecycle-system/operational",
        "certificateservicesclient-lifecycle-system",
    ),
    (
        "microsoft-windows-codeintegrity/operational",
        "codeintegrity-operational",
    ),
    ("microsoft-windows-dhcp-server/operational", "dhcp"),
    ("microsoft-windows-diagnosis-scripted/operational", "diagnosis-scripted"),
    ("microsoft-windows-dns client events/operational", "dns-client"),
    ("microsoft-windows-dns-client/operational", "dns-client"),
    ("microsoft-windows-dns-server/analytical", "dns-server-analytic"),
    ("microsoft-windows-dns-server/audit", "dns-server-audit"),
    (
        "microsoft-windows-driverframeworks-usermode/operational",
        "driver-framework",
    ),
    ("microsoft-windows-hyper-v-worker", "hyper-v-worker"),
    ("microsoft-windows-hyper-v-worker-admin", "hyper-v-worker"),
    ("microsoft-windows-kernel-eventtracing", "kernel-event-tracing"),
    ("microsoft-windows-kernel-eventtracing/admin", "kernel-event-tracing"),
    ("microsoft-windows-kernel-shimengine/diagnostic", "kernel-shimengine"),
    ("microsoft-windows-kernel-shimengine/operational", "kernel-shimengine"),
    ("microsoft-windows-ldap-client/debug", "ldap"),
    ("microsoft-windows-lsa/operational", "lsa-server"),
    ("microsoft-windows-ntfs/operational", "ntfs"),
    ("microsoft-windows-ntlm/operational", "ntlm"),
    ("microsoft-windows-powershell/operational", "powershell"),
    ("microsoft-windows-printservice/admin", "printservice-admin"),
    ("microsoft-windows-printservice/operational", "printservice-operational"),
    (
        "microsoft-windows-security-mitigations/kernel mode",
        "security-mitigations",
    ),
    (
        "microsoft-windows-security-mitigations/user mode",
        "security-mitigations",
    ),
    ("microsoft-windows-sense/operational", "sense"),
    ("microsoft-windows-shell-core/operational", "shell-core"),
    ("microsoft-windows-smbclient/connectivity", "smbclient-connectivity"),
    ("microsoft-windows-smbclient/security", "smbclient-security"),
    ("microsoft-windows-smbserver/connectivity", "smbserver-connectivity"),
    ("microsoft-windows-sysmon/operational", "sysmon"),
    ("microsoft-windows-taskscheduler/operational", "taskscheduler"),
    (
        "microsoft-windows-terminalservices-localsessionmanager/operational",
        "terminalservices-localsessionmanager",
    ),
    ("microsoft-windows-vhdmp/operational", "vhdmp"),
    ("microsoft-windows-windows defender/operational", "windefend"),
    (
        "microsoft-windows-windows firewall with advanced security/firewall",
        "firewall-as",
    ),
    ("microsoft-windows-wmi-activity/operational", "wmi"),
    ("msexchange management", "msexchange-management"),
    ("openssh/operational", "openssh"),
    ("powershellcore/operational", "powershell"),
    ("security", "security"),
    ("system", "system"),
    ("windows powershell", "powershell-classic"),
];

/// Channel in lower case, event, categories.
const CATEGORIES: &[(&str, i64, &[&str])] = &[
    (SYSMON, 1, &["process_creation"]),
    (SYSMON, 2, &["file_change"]),
    (SYSMON, 3, &["network_connection"]),
    (SYSMON, 4, &["sysmon_status"]),
    (SYSMON, 5, &["process_termination"]),
    (SYSMON, 6, &["driver_load"]),
    (SYSMON, 7, &["image_load"]),
    (SYSMON, 8, &["create_remote_thread"]),
    (SYSMON, 9, &["raw_access_thread"]),
    (SYSMON, 10, &["process_access"]),
    (SYSMON, 11, &["file_event"]),
    (SYSMON, 12, &["registry_event", "registry_add", "registry_delete"]),
    (SYSMON, 13, &["registry_event", "registry_set"]),
    (SYSMON, 14, &["registry_event", "registry_rename"]),
    (SYSMON, 15, &["create_stream_hash"]),
    (SYSMON, 16, &["sysmon_status"]),
    (SYSMON, 17, &["pipe_created"]),
    (SYSMON, 18, &["pipe_created"]),
    (SYSMON, 19, &["wmi_event"]),
    (SYSMON, 20, &["wmi_event"]),
    (SYSMON, 21, &["wmi_event"]),
    (SYSMON, 22, &["dns_query"]),
    (SYSMON, 23, &["file_delete"]),
    (SYSMON, 24, &["clipboard_capture"]),
    (SYSMON, 25, &["process_tampering"]),
    (SYSMON, 26, &["file_delete_detected", "file_delete"]),
    (SYSMON, 27, &["file_block_executable"]),
    (SYSMON, 28, &["file_block_shredding"]),
    (SYSMON, 29, &["file_executable_detected"]),
    (SYSMON, 255, &["sysmon_error"]),
    ("microsoft-windows-powershell/operational", 4103, &["ps_module"]),
    ("microsoft-windows-powershell/operational", 4104, &["ps_script"]),
    ("powershellcore/operational", 4103, &["ps_module"]),
    ("powershellcore/operational", 4104, &["ps_script"]),
    ("windows powershell", 400, &["ps_classic_start"]),
    ("windows powershell", 600, &["ps_classic_provider_start"]),
    ("windows powershell", 800, &["ps_classic_script"]),
    ("security", 4688, &["process_creation"]),
    ("security", 4657, &["registry_event", "registry_set"]),
];

const SYSMON: &str = "microsoft-windows-sysmon/operational";

impl Origin {
    /// The origin of a record of an event log of Windows: its channel and event identifier, as the record says them.
    pub fn windows(channel: &str, event: i64) -> Self {
        let channel = channel.to_lowercase();
        let service = SERVICES.binary_search_by(|(name, _)| (*name).cmp(channel.as_str()));
        let service = service
            .ok()
            .and_then(|at| SERVICES.get(at))
            .map(|(_, service)| (*service).to_owned());
        let categories = CATEGORIES
            .iter()
            .find(|(name, number, _)| *number == event && *name == channel);
        let categories = categories.map_or(&[] as &[&str], |(_, _, categories)| *categories);
        Self {
            product: Known::is("windows"),
            category: Known::Among(categories.iter().map(|name| (*name).to_owned()).collect()),
            service: Known::Among(service.into_iter().collect()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::SERVICES;
    use crate::{Known, Origin};

    #[test]
    fn channels_stand_in_order() {
        assert!(SERVICES.is_sorted());
    }

    #[test]
    fn an_event_is_of_a_service_and_perhaps_of_categories() {
        let among = |names: &[&str]| Known::Among(names.iter().map(|name| (*name).to_owned()).collect());
        let check = |channel, event, service: &[&str], categories: &[&str]| {
            let origin = Origin::windows(channel, event);
            assert_eq!(
                (origin.service, origin.category),
                (among(service), among(categories)),
                "{channel} {event}"
            );
        };
        check(
            "Microsoft-Windows-Sysmon/Operational",
            13,
            &["sysmon"],
            &["registry_event", "registry_set"],
        );
        check("Security", 4688, &["security"], &["process_creation"]);
        check("Security", 4624, &["security"], &[]);
        check(
            "Windows PowerShell",
            400,
            &["powershell-classic"],
            &["ps_classic_start"],
        );
        check("Somebody's own log", 1, &[], &[]);
    }
}
