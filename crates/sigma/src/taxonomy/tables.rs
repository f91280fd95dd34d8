//! What products call the fields that Sigma's rules ask for.
//!
//! Each line is Sigma's name, then the names of the product. Sources: fields of Windows' Security log and of Sysmon, the
//! Elastic Common Schema 8 (and what Winlogbeat keeps under `winlog.event_data`), OCSF 1.3 (Process, File, Registry,
//! Network, DNS, HTTP and Authentication activity), Zeek's `conn`, `dns` and `http` logs, and CloudTrail's record contents.

/// Categories, empty for all, and lines.
pub(super) type Tables = &'static [(&'static str, &'static str)];

/// The tables of a pipeline.
pub(super) fn of(name: &str) -> Option<Tables> {
    Some(match name {
        "windows" => WINDOWS,
        "sysmon" => SYSMON,
        "ecs" => ECS,
        "ocsf" => OCSF,
        "zeek" => ZEEK,
        "cloudtrail" => CLOUDTRAIL,
        _ => return None,
    })
}

const WINDOWS: Tables = &[
    (
        "process_creation",
        "Image NewProcessName
        ParentImage ParentProcessName
        ProcessId NewProcessId
        ParentProcessId CreatorProcessId
        User SubjectUserName
        LogonId SubjectLogonId
        IntegrityLevel MandatoryLabel",
    ),
    (
        "registry_set",
        "TargetObject ObjectName
        Details NewValue
        Image ProcessName",
    ),
    (
        "",
        "Provider_Name ProviderName SourceName
        Channel LogName
        EventID EventId event_id
        Computer ComputerName MachineName Hostname
        ScriptBlockText ScriptBlock",
    ),
];

const SYSMON: Tables = &[(
    "",
    "Image image
    CommandLine command_line
    ParentImage parent_image
    ParentCommandLine parent_command_line
    User user
    OriginalFileName original_file_name
    CurrentDirectory current_directory
    IntegrityLevel integrity_level
    Hashes hashes Hash
    TargetFilename target_filename
    TargetObject target_object
    Details details
    ImageLoaded image_loaded
    SourceImage source_image
    TargetImage target_image
    GrantedAccess granted_access
    CallTrace call_trace
    PipeName pipe_name
    QueryName query_name
    DestinationIp destination_ip
    DestinationPort destination_port
    DestinationHostname destination_hostname
    SourceIp source_ip
    Initiated initiated",
)];

const ECS: Tables = &[
    (
        "",
        "EventID event.code winlog.event_id
        Channel winlog.channel
        Provider_Name winlog.provider_name event.provider
        Computer winlog.computer_name host.name
        Image process.executable
        CommandLine process.command_line
        CurrentDirectory process.working_directory
        ProcessId process.pid
        ParentImage process.parent.executable
        ParentCommandLine process.parent.command_line
        ParentProcessId process.parent.pid
        OriginalFileName process.pe.original_file_name winlog.event_data.OriginalFileName
        Description process.pe.description winlog.event_data.Description
        Product process.pe.product winlog.event_data.Product
        Company process.pe.company winlog.event_data.Company
        Hashes winlog.event_data.Hashes
        md5 process.hash.md5 file.hash.md5
        sha1 process.hash.sha1 file.hash.sha1
        sha256 process.hash.sha256 file.hash.sha256
        imphash process.pe.imphash process.hash.imphash
        User user.name winlog.event_data.User
        LogonId winlog.event_data.LogonId winlog.logon.id
        IntegrityLevel winlog.event_data.IntegrityLevel
        LogonType winlog.event_data.LogonType winlog.logon.type
        TargetUserName winlog.event_data.TargetUserName
        SubjectUserName winlog.event_data.SubjectUserName
        IpAddress source.ip winlog.event_data.IpAddress
        WorkstationName winlog.event_data.WorkstationName source.domain
        ServiceName winlog.event_data.ServiceName service.name
        ServiceFileName winlog.event_data.ServiceFileName
        ImagePath winlog.event_data.ImagePath
        TaskName winlog.event_data.TaskName
        ShareName winlog.event_data.ShareName
        RelativeTargetName winlog.event_data.RelativeTargetName
        ObjectName winlog.event_data.ObjectName
        AccessMask winlog.event_data.AccessMask
        Status winlog.event_data.Status
        SubStatus winlog.event_data.SubStatus
        ScriptBlockText powershell.file.script_block_text winlog.event_data.ScriptBlockText
        Payload powershell.command.invocation_details winlog.event_data.Payload
        TargetFilename file.path winlog.event_data.TargetFilename
        TargetObject registry.path winlog.event_data.TargetObject
        Details registry.data.strings winlog.event_data.Details
        ImageLoaded file.path dll.path winlog.event_data.ImageLoaded
        Signed dll.code_signature.signed file.code_signature.signed winlog.event_data.Signed
        SignatureStatus dll.code_signature.status file.code_signature.status winlog.event_data.SignatureStatus
        PipeName file.name winlog.event_data.PipeName
        SourceImage process.executable winlog.event_data.SourceImage
        TargetImage winlog.event_data.TargetImage
        GrantedAccess winlog.event_data.GrantedAccess
        CallTrace winlog.event_data.CallTrace
        StartModule winlog.event_data.StartModule
        StartFunction winlog.event_data.StartFunction
        Initiated winlog.event_data.Initiated
        DestinationIp destination.ip
        DestinationPort destination.port
        DestinationHostname destination.domain
        SourceIp source.ip
        SourcePort source.port
        QueryName dns.question.name
        QueryResults winlog.event_data.QueryResults
        query dns.question.name
        record_type dns.question.type
        answer dns.answers.data
        src_ip source.ip
        dst_ip destination.ip
        src_port source.port
        dst_port destination.port",
    ),
    (
        "proxy",
        "c-uri url.original url.full
        c-uri-query url.query
        c-uri-extension url.extension
        c-useragent user_agent.original
        cs-host url.domain destination.domain
        r-dns url.domain destination.domain
        cs-method http.request.method
        cs-referrer http.request.referrer
        cs-bytes http.request.bytes source.bytes
        sc-bytes http.response.bytes destination.bytes
        sc-status http.response.status_code
        cs-username user.name",
    ),
    (
        "webserver",
        "cs-uri-stem url.path
        cs-uri-query url.query url.original
        cs-user-agent user_agent.original
        cs-host url.domain
        cs-method http.request.method
        cs-referer http.request.referrer
        sc-status http.response.status_code
        sc-bytes http.response.bytes
        c-ip source.ip client.ip
        cs-username user.name",
    ),
];

const OCSF: Tables = &[
    (
        "",
        "EventID metadata.event_code
        Channel metadata.log_name
        Provider_Name metadata.log_provider
        Computer device.hostname
        Image process.file.path
        CommandLine process.cmd_line
        CurrentDirectory process.working_directory
        ProcessId process.pid
        ParentImage process.parent_process.file.path actor.process.file.path
        ParentCommandLine process.parent_process.cmd_line actor.process.cmd_line
        ParentProcessId process.parent_process.pid actor.process.pid
        OriginalFileName process.file.internal_name
        Company process.file.company_name
        Description process.file.desc
        Product process.file.product.name
        IntegrityLevel process.integrity
        User actor.user.name process.user.name
        md5 process.file.hashes.md5
        sha256 process.file.hashes.sha256
        TargetFilename file.path
        ImageLoaded module.file.path
        TargetObject reg_key.path reg_value.path
        Details reg_value.data
        ScriptBlockText script.script_content
        DestinationIp dst_endpoint.ip
        DestinationPort dst_endpoint.port
        DestinationHostname dst_endpoint.hostname
        SourceIp src_endpoint.ip
        SourcePort src_endpoint.port
        QueryName query.hostname
        query query.hostname
        record_type query.type
        answer answers.rdata
        src_ip src_endpoint.ip
        dst_ip dst_endpoint.ip
        src_port src_endpoint.port
        dst_port dst_endpoint.port
        IpAddress src_endpoint.ip
        TargetUserName user.name
        LogonType logon_type_id
        WorkstationName src_endpoint.hostname
        ServiceName win_service.name service.name
        TaskName job.name
        eventName api.operation
        eventSource api.service.name
        errorCode api.response.error
        errorMessage api.response.error_message
        sourceIPAddress src_endpoint.ip
        userAgent http_request.user_agent
        userIdentity.arn actor.user.uid_alt
        userIdentity.userName actor.user.name
        userIdentity.type actor.user.type",
    ),
    (
        "process_creation",
        "ParentImage actor.process.file.path
        ParentCommandLine actor.process.cmd_line",
    ),
    (
        "file_event",
        "Image actor.process.file.path
        CommandLine actor.process.cmd_line",
    ),
    ("registry_set", "Image actor.process.file.path"),
    ("registry_event", "Image actor.process.file.path"),
    ("image_load", "Image actor.process.file.path"),
    ("network_connection", "Image actor.process.file.path"),
    ("dns_query", "Image actor.process.file.path"),
    (
        "proxy",
        "c-uri http_request.url.url_string
        c-uri-query http_request.url.query_string
        c-useragent http_request.user_agent
        cs-host http_request.url.hostname
        r-dns http_request.url.hostname
        cs-method http_request.http_method
        cs-referrer http_request.referrer
        sc-status http_response.code",
    ),
    (
        "webserver",
        "cs-uri-stem http_request.url.path
        cs-uri-query http_request.url.query_string
        cs-user-agent http_request.user_agent
        cs-host http_request.url.hostname
        cs-method http_request.http_method
        cs-referer http_request.referrer
        sc-status http_response.code
        c-ip src_endpoint.ip",
    ),
];

const ZEEK: Tables = &[
    (
        "",
        "src_ip id.orig_h
        src_port id.orig_p
        dst_ip id.resp_h
        dst_port id.resp_p
        SourceIp id.orig_h
        SourcePort id.orig_p
        DestinationIp id.resp_h
        DestinationPort id.resp_p
        source.ip id.orig_h
        source.port id.orig_p
        destination.ip id.resp_h
        destination.port id.resp_p
        source.bytes orig_bytes
        destination.bytes resp_bytes
        network.protocol service
        network.transport proto
        network.community_id community_id",
    ),
    (
        "dns",
        "query query
        QueryName query
        record_type qtype_name
        answer answers
        dns.question.name query
        dns.question.type qtype_name
        dns.answers.data answers",
    ),
    (
        "proxy",
        "c-uri uri
        c-useragent user_agent
        cs-host host
        r-dns host
        cs-method method
        cs-referrer referrer
        sc-status status_code
        cs-bytes request_body_len
        sc-bytes response_body_len
        cs-username username",
    ),
    (
        "webserver",
        "cs-uri-stem uri
        cs-uri-query uri
        cs-user-agent user_agent
        cs-host host
        cs-method method
        cs-referer referrer
        sc-status status_code
        c-ip id.orig_h",
    ),
];

const CLOUDTRAIL: Tables = &[(
    "",
    "eventName event_name aws.cloudtrail.event_name event.action
    eventSource event_source aws.cloudtrail.event_source event.provider
    eventType event_type aws.cloudtrail.event_type
    errorCode error_code aws.cloudtrail.error_code
    errorMessage error_message aws.cloudtrail.error_message
    sourceIPAddress source_ip_address source.address source.ip
    userAgent user_agent user_agent.original
    awsRegion aws_region cloud.region
    recipientAccountId recipient_account_id cloud.account.id
    userIdentity.type user_identity.type aws.cloudtrail.user_identity.type
    userIdentity.arn user_identity.arn aws.cloudtrail.user_identity.arn
    userIdentity.userName user_identity.user_name user.name
    userIdentity.principalId user_identity.principal_id
    userIdentity.sessionContext.sessionIssuer.type aws.cloudtrail.user_identity.session_context.session_issuer.type
    requestParameters request_parameters aws.cloudtrail.request_parameters
    responseElements response_elements aws.cloudtrail.response_elements
    additionalEventData.MFAUsed additional_eventdata.MFAUsed",
)];
