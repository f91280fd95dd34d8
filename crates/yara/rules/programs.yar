// Programs, and what is made to look like something else.

rule Watchfire_Beacon_Configuration
{
    meta:
        author = "Watchfire"
        description = "The settings of a beacon as Cobalt Strike lays them out, plain or hidden with one of its two usual keys"
        score = 90
        mitre = "T1071.001"
    strings:
        // Number, kind and length of the first three settings, each of two bytes: 1 1 2, 2 1 2, 3 2 4.
        $plain = { 00 01 00 01 00 02 ?? ?? 00 02 00 01 00 02 ?? ?? 00 03 00 02 00 04 }
        $key_69 = { 69 68 69 68 69 6B ?? ?? 69 6B 69 68 69 6B ?? ?? 69 6A 69 6B 69 6D }
        $key_2e = { 2E 2F 2E 2F 2E 2C ?? ?? 2E 2C 2E 2F 2E 2C ?? ?? 2E 2D 2E 2C 2E 2A }
    condition:
        any of them
}

rule Watchfire_Credential_Dumper
{
    meta:
        author = "Watchfire"
        description = "A program that reads passwords from the memory of Windows, by the commands that it takes"
        score = 85
        mitre = "T1003.001"
    strings:
        $a1 = "sekurlsa::" ascii wide nocase
        $a2 = "lsadump::" ascii wide nocase
        $a3 = "kerberos::ptt" ascii wide nocase
        $a4 = "logonpasswords" ascii wide nocase
        $a5 = "gentilkiwi" ascii wide nocase
        $a6 = "\\\\.\\mimidrv" ascii wide nocase
    condition:
        uint16(0) == 0x5A4D and filesize < 20MB and 3 of them
}

rule Watchfire_AutoIt_Program
{
    meta:
        author = "Watchfire"
        description = "A program made of an AutoIt script; some administrators use it, and so do many thieves of passwords"
        score = 45
        mitre = "T1059.010"
    strings:
        $container = { A3 48 4B BE 98 6C 4A A9 99 4C 53 0A 86 D6 48 7D }
        $version = "AU3!EA0"
    condition:
        uint16(0) == 0x5A4D and ($container or $version)
}

rule Watchfire_Shortcut_Runs_Interpreter
{
    meta:
        author = "Watchfire"
        description = "A shortcut of Windows that hands commands to an interpreter, hidden or encoded"
        score = 75
        mitre = "T1204.002, T1059"
    strings:
        $powershell = "powershell" nocase ascii wide
        $mshta = "mshta" nocase ascii wide
        $hidden = /-w(indowstyle)?\s{1,4}(hidden|h|1)\b/ nocase ascii wide
        $encoded = /-e(nc|ncodedcommand|c)?\s{1,4}[A-Za-z0-9+\/]{40}/ nocase ascii wide
        $remote = "http" nocase ascii wide
    condition:
        uint32(0) == 0x0000004C and uint32(4) == 0x00021401 and filesize < 2MB
        and (($powershell and ($hidden or $encoded or $remote)) or ($mshta and $remote))
}

rule Watchfire_Program_In_Text
{
    meta:
        author = "Watchfire"
        description = "A program of Windows written out in Base64 inside of a script or page"
        score = 65
        mitre = "T1027"
    strings:
        $head1 = "TVqQAAMAAAAEAAAA//8AALgAAAA"
        $head2 = "TVpQAAIAAAAEAA8A//8AALgAAAA"
        $head3 = "TVoAAAAAAAAAAAAAAAAAAAAAAAA"
        // Mail carries every file like this.
        $mail = "Content-Transfer-Encoding:" nocase
    condition:
        filesize < 20MB and uint16(0) != 0x5A4D and uint32(0) != 0x464C457F and any of ($head*) and not $mail
}
