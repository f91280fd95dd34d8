//! Amazon resource names: `arn:partition:service:region:account:resource` (AWS General Reference, "ARNs"). Wildcards stand where
//! policies put them; resources may hold blanks.

use super::is_number;
use crate::observable::{Family, Invalid, TypeSpec};

pub(super) static SPEC: TypeSpec = TypeSpec {
    name: "arn",
    describes: "Amazon resource name, arn:aws:iam::123456789012:user/David",
    family: Family::Host,
    max_length: 2048,
    by_default: true,
    parse,
};

const PARTITIONS: [&str; 8] =
    ["aws", "aws-cn", "aws-us-gov", "aws-iso", "aws-iso-b", "aws-iso-e", "aws-iso-f", "aws-eusc"];

fn parse(text: &str) -> Result<String, Invalid> {
    if text.len() > SPEC.max_length {
        return Err(Invalid("longer than 2048 bytes"));
    }
    let mut parts = text.splitn(6, ':');
    let mut next = || parts.next().unwrap_or_default();
    let (label, partition, service, region, account, resource) = (next(), next(), next(), next(), next(), next());
    if label != "arn" || !PARTITIONS.contains(&partition) {
        return Err(Invalid("does not begin with arn and a partition of AWS"));
    }
    let is_name = |text: &str| text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    if service.is_empty() || !is_name(service) {
        return Err(Invalid("the service is not a lower-case name"));
    }
    if region != "*" && !is_name(region) {
        return Err(Invalid("the region is not a lower-case name"));
    }
    if !matches!(account, "" | "aws" | "*") && !is_number(account, 12) {
        return Err(Invalid("the account has not twelve digits"));
    }
    if resource.is_empty() || resource.trim() != resource || resource.chars().any(char::is_control) {
        return Err(Invalid("no resource, or it has a blank at an end or a control character"));
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::super::{ObservableType, check};

    #[test]
    fn takes_six_parts() {
        let valid = [
            "arn:aws:iam::123456789012:user/David",
            "arn:aws-cn:s3:cn-northwest-1:123456789012:my_bucket",
            "arn:aws:s3:::examplebucket/my-data/sales-export-????-q?.*",
            "arn:aws:events:us-east-1:*:*",
            "arn:aws:iam::aws:policy/AdministratorAccess",
            "arn:aws:artifact:::report-package/Certifications and Attestations/ISO/*",
            "arn:aws:rds:us-east-1:123456789012:cluster:my-cluster1",
        ];
        check(
            ObservableType::Arn,
            &valid.map(|arn| (arn, arn)),
            &[
                "", "arn:aws", "arn:azure:iam::123456789012:x", "arn:aws:IAM::123456789012:x", "arn:aws:iam:US:123456789012:x",
                "arn:aws:iam::12345:x", "arn:aws:iam::123456789012:", "arn:aws:iam::123456789012: x", "ARN:aws:iam::123456789012:x", "arn:aws:::x",
            ],
        );
    }
}
