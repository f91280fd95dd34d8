//! Sites below which customers have names of their own, given away for the asking: a name there is no more popular than its
//! customer, although the site is.
//!
//! Own table, after what the services publish about the names of their customers. The suffix list and the lists of
//! disposable services have most of such sites; here are those that they leave out. Not here: sites that give paths and no
//! names (raw.githubusercontent.com), where the name is everybody's.

/// The site, and what a name below it is.
static SITES: &[(&str, &str)] = &[
    ("aliyuncs.com", "a bucket of Alibaba Cloud"),
    ("atlassian.net", "a customer of Atlassian"),
    ("auth0.com", "a customer of Auth0"),
    ("azureedge.net", "an endpoint of Azure's CDN"),
    ("azurewebsites.net", "a site on Azure"),
    ("backblazeb2.com", "a bucket of Backblaze"),
    ("bandcamp.com", "an artist's page"),
    ("cloudapp.net", "a machine on Azure"),
    ("core.windows.net", "storage on Azure"),
    ("digitaloceanspaces.com", "a bucket of DigitalOcean"),
    ("dropboxusercontent.com", "files of a user of Dropbox"),
    ("freshdesk.com", "a customer of Freshdesk"),
    ("googleusercontent.com", "files or a machine of a user of Google"),
    ("instructure.com", "a school"),
    ("linodeobjects.com", "a bucket of Linode"),
    ("livejournal.com", "a blog"),
    ("my.salesforce.com", "a customer of Salesforce"),
    ("myqcloud.com", "a bucket of Tencent Cloud"),
    ("notion.site", "pages of a user of Notion"),
    ("okta.com", "a customer of Okta"),
    ("onmicrosoft.com", "a tenant of Microsoft 365"),
    ("service-now.com", "a customer of ServiceNow"),
    ("sharepoint.com", "a tenant of Microsoft 365"),
    ("storage.googleapis.com", "a bucket of Google Cloud"),
    ("substack.com", "a newsletter"),
    ("trafficmanager.net", "an endpoint on Azure"),
    ("tumblr.com", "a blog"),
    ("wasabisys.com", "a bucket of Wasabi"),
    ("webflow.io", "a site made with Webflow"),
    ("weebly.com", "a site made with Weebly"),
    ("wixsite.com", "a site made with Wix"),
    ("zendesk.com", "a customer of Zendesk"),
];

/// The site that gave `name` away, a lower-case ASCII name below it, and what such a name is. `www` is the site's own.
pub fn site_above(name: &str) -> Option<(&'static str, &'static str)> {
    let below = |site: &str| name.strip_suffix(site)?.strip_suffix('.');
    SITES
        .iter()
        .copied()
        .find(|(site, _)| below(site).is_some_and(|customer| !customer.is_empty() && customer != "www"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_below_a_site_are_its_customers() {
        for (name, site) in [
            ("evil.sharepoint.com", Some("sharepoint.com")),
            ("a.b.storage.googleapis.com", Some("storage.googleapis.com")),
            ("sharepoint.com", None),
            ("www.zendesk.com", None),
            ("evilsharepoint.com", None),
            (".sharepoint.com", None),
        ] {
            assert_eq!(site_above(name).map(|(site, _)| site), site, "{name}");
        }
    }

    #[test]
    fn the_table_is_in_order_and_says_why() {
        assert!(SITES.is_sorted());
        assert!(SITES.iter().all(|(site, why)| site.contains('.') && !why.is_empty()));
    }
}
