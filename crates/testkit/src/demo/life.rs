//! Ordinary files: what lies around in a company and must not alarm.

use super::DemoFile;
use super::story::OWN_DOMAIN;
use crate::archive::Zip;
use crate::encode::{base64, utf16le};
use crate::{Random, document, picture};
use std::fmt::Write as _;

pub(super) fn files(random: &mut Random) -> Vec<DemoFile> {
    vec![
        DemoFile::new("picture.jpg", landscape(random)),
        DemoFile::new("files/documents.zip", documents(random)),
        DemoFile::new("files/newsletter.html", newsletter()),
        DemoFile::new("scripts/deploy-endpoint-agent.ps1", deployment()),
    ]
}

/// Hills under a sky.
fn landscape(random: &mut Random) -> Vec<u8> {
    let mut hills = Vec::new();
    let mut height = 40_i64;
    for _ in 0..160 {
        height = (height + i64::try_from(random.below(5)).unwrap_or_default() - 2).clamp(25, 60);
        hills.push(height);
    }
    picture::jpeg(160, 90, |column, row| {
        let ground = hills.get(usize::from(column)).copied().unwrap_or(40);
        if i64::from(row) < 90 - ground {
            220_u8.saturating_sub(u8::try_from(row).unwrap_or(u8::MAX))
        } else {
            u8::try_from(row.saturating_sub(20) / 2 + column % 3).unwrap_or(u8::MAX)
        }
    })
}

/// What a department would zip: minutes, a price list, a read-me.
fn documents(random: &mut Random) -> Vec<u8> {
    let mut prices = String::from("article;description;price\n");
    for number in 0..600_u64 {
        let _ = writeln!(
            prices,
            "A-{:05};{} {};{}.{:02}",
            10_000 + number,
            random.pick(&["bracket", "hinge", "panel", "bolt", "cover"]),
            random.pick(&["small", "medium", "large"]),
            random.between(1, 400),
            random.below(100)
        );
    }
    let minutes = "Minutes of the purchasing meeting, 2026-10-29\n\nPresent: purchasing, accounts payable, warehouse\n\
                   1. Supplier portal moves to https://portal.supplier.example on 2026-11-16.\n\
                   2. Invoices over 10,000 need two signatures.\n3. Any other business: none.\n";
    let readme = "These are working copies. The signed versions are in the archive.\nVersion 2.4.0.1, see changes.md and setup.py of the tool.\n";
    Zip::new()
        .file("purchasing/minutes-2026-10-29.docx", &document::docx(minutes))
        .file("purchasing/price-list.csv", prices.as_bytes())
        .file(
            "purchasing/order-form.pdf",
            &document::pdf("Order form\n\nArticle:\nQuantity:\nCost centre:\n", &[]),
        )
        .file("purchasing/README.txt", readme.as_bytes())
        .build()
}

fn newsletter() -> String {
    let mut out = String::from(
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Packaging Monthly</title>\n\
         <style>body{font-family:sans-serif} .lead{font-size:120%}</style></head><body>\n\
         <p style=\"display:none\">Five ways to lighter boxes</p>\n\
         <p><a href=\"https://www.packaging-monthly.example/?utm_source=newsletter\"><img src=\"https://cdn.news.example/logo.png\" alt=\"Packaging Monthly\"></a></p>\n",
    );
    for (title, path) in [
        ("Lighter boxes, fewer claims", "lighter-boxes"),
        ("What the new label rules mean", "label-rules"),
        ("Interview: the warehouse of 2030", "warehouse"),
        ("Trade fairs this winter", "fairs"),
    ] {
        let _ = writeln!(
            out,
            "<h2>{title}</h2><p class=\"lead\">A short introduction of what readers may expect from this article, as \
             newsletters write them. <a href=\"https://click.news.example/t/9f31/{path}?u=https%3A%2F%2Fwww.packaging-monthly.example%2F{path}\">Read \
             more</a></p>"
        );
    }
    out.push_str("<p>You receive this because you subscribed. <a href=\"https://www.packaging-monthly.example/unsubscribe\">Unsubscribe</a></p></body></html>\n");
    out
}

/// Software deployment with an encoded command, as deployment tools write it.
fn deployment() -> String {
    let command = format!(
        "Start-Process msiexec.exe -ArgumentList '/i \\\\deploy.{OWN_DOMAIN}\\packages\\endpoint-agent-4.2.1.msi /qn /norestart' -Wait"
    );
    format!(
        "# Deploys the endpoint agent. Owner: workstation team. Runs from the deployment server only.\r\n\
         #Requires -RunAsAdministrator\r\n\
         $ErrorActionPreference = 'Stop'\r\n\
         $log = \"C:\\ProgramData\\Deployment\\endpoint-agent.log\"\r\n\
         Add-Content -Path $log -Value \"$(Get-Date -Format o) installing on $env:COMPUTERNAME\"\r\n\
         # Encoded because the deployment tool cannot pass quotes.\r\n\
         powershell.exe -NoProfile -NonInteractive -EncodedCommand {}\r\n\
         Add-Content -Path $log -Value \"$(Get-Date -Format o) done, exit code $LASTEXITCODE\"\r\n",
        base64(&utf16le(&command))
    )
}
