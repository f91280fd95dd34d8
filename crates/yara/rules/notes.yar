// What is left behind to be read.

rule Watchfire_Ransom_Note
{
    meta:
        author = "Watchfire"
        description = "A note that says that files were encrypted, and how to pay"
        score = 75
        mitre = "T1486"
    strings:
        $done1 = /\b(all )?(of )?your (\w{3,12} )?(files|documents|data|network|servers)[^.\r\n]{0,60}\b(have been|has been|are|were|is)( all)?( now)? (encrypted|locked)/ nocase
        $done2 = /your (network|company|files?)[^.\r\n]{0,40}(has|have) been (penetrated|breached|hacked) and[^.\r\n]{0,40}encrypted/ nocase
        $way1 = ".onion" nocase
        $way2 = "torproject.org" nocase
        $way3 = "tor browser" nocase
        $way4 = "tox id" nocase
        $pay1 = "bitcoin" nocase
        $pay2 = "monero" nocase
        $pay3 = /\b(decryptor|decryption (tool|key|software)|private key|unique key)\b/ nocase
        $not1 = /\bdo not (rename|modify|delete|edit|move)\b/ nocase
        $not2 = /third[- ]party (software|tools?|programs?)/ nocase
        $not3 = /\b(decrypt|restore|recover)\b[^.\r\n]{0,40}\b(for free|free of charge|one file|two files|test file)/ nocase
        $not4 = /(leak|publish|publicly available)[^.\r\n]{0,60}(data|files|blog)/ nocase
    condition:
        filesize < 64KB and any of ($done*) and any of ($way*) and any of ($pay*) and any of ($not*)
}
