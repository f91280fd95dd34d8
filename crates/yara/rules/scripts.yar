// Scripts that fetch, run or serve what their reader did not ask for.

rule Watchfire_PowerShell_Cradle
{
    meta:
        author = "Watchfire"
        description = "PowerShell that runs what it downloads"
        score = 75
        mitre = "T1059.001, T1105"
    strings:
        $shell = "powershell" nocase ascii wide
        $run = /\b(iex|invoke-expression)\b[^\r\n]{0,40}new-object\s{1,4}(system\.)?net\.webclient\)?\s{0,4}\)?\.download(string|data)/ nocase
        $pipe = /(new-object\s{1,4}(system\.)?net\.webclient\)?\.downloadstring\([^\r\n]{4,200}\)|\b(iwr|invoke-webrequest)\b[^\r\n|]{4,200})\s{0,4}\|\s{0,4}(iex|invoke-expression)\b/ nocase
        // What the documentation of many tools tells its readers to run.
        $known = /\.downloadstring\(\s{0,4}['"]https:\/\/((community\.)?chocolatey\.org\/install\.ps1|boxstarter\.org\/bootstrapper\.ps1|get\.scoop\.sh)['"]/ nocase
        $hidden_fetch = "DownloadString" wide base64
        $hidden_client = "Net.WebClient" wide base64
    condition:
        filesize < 4MB and (#run + #pipe > #known or ($shell and ($hidden_fetch or $hidden_client)))
}

rule Watchfire_Script_Dropper
{
    meta:
        author = "Watchfire"
        description = "A script of Windows that downloads a file, saves it and starts it"
        score = 75
        mitre = "T1059.005, T1059.007, T1105"
    strings:
        $fetch1 = "MSXML2.XMLHTTP" nocase ascii wide
        $fetch2 = "MSXML2.ServerXMLHTTP" nocase ascii wide
        $fetch3 = "WinHttp.WinHttpRequest" nocase ascii wide
        $save1 = "ADODB.Stream" nocase ascii wide
        $save2 = "SaveToFile" nocase ascii wide
        $start1 = "WScript.Shell" nocase ascii wide
        $start2 = "Shell.Application" nocase ascii wide
        $make = /\b(CreateObject|ActiveXObject)\s{0,4}\(/ nocase ascii wide
    condition:
        filesize < 1MB and uint16(0) != 0x5A4D and uint32(0) != 0x464C457F
        and any of ($fetch*) and all of ($save*) and any of ($start*) and #make >= 2
}

rule Watchfire_Webshell
{
    meta:
        author = "Watchfire"
        description = "A page of a server that runs what a visitor sends it"
        score = 80
        mitre = "T1505.003"
    strings:
        $php_page = "<?"
        $php_run = /\b(eval|assert|system|passthru|shell_exec|popen|proc_open)\s{0,4}\(\s{0,4}(base64_decode\s{0,4}\(\s{0,4}|gzinflate\s{0,4}\(\s{0,4}|str_rot13\s{0,4}\(\s{0,4}){0,3}@?\$_(POST|GET|REQUEST|COOKIE|SERVER)\s{0,4}\[/ nocase
        $asp_page = "<%"
        $asp_run = /\b(eval|execute|executeglobal)\s{0,4}[( ]\s{0,4}request(\.item|\.form|\.querystring)?\s{0,4}[\[(]/ nocase
        $jsp_run = /getRuntime\(\s{0,4}\)\s{0,4}\.exec\s{0,4}\(\s{0,4}request\.getParameter/ nocase
    condition:
        filesize < 1MB and (($php_page and $php_run) or ($asp_page and ($asp_run or $jsp_run)))
}
