//! Countries in two and in three letters (ISO 3166-1): people choose by two, the vault keeps three.

/// Two letters, then three, without anything between.
const TABLE: &str = concat!(
    "ADANDAEAREAFAFGAGATGAIAIAALALBAMARMAOAGOAQATAARARGASASMATAUTAUAUSAWABWAXALAAZAZEBABIHBBBRB",
    "BDBGDBEBELBFBFABGBGRBHBHRBIBDIBJBENBLBLMBMBMUBNBRNBOBOLBQBESBRBRABSBHSBTBTNBVBVTBWBWABYBLR",
    "BZBLZCACANCCCCKCDCODCFCAFCGCOGCHCHECICIVCKCOKCLCHLCMCMRCNCHNCOCOLCRCRICUCUBCVCPVCWCUWCXCXR",
    "CYCYPCZCZEDEDEUDJDJIDKDNKDMDMADODOMDZDZAECECUEEESTEGEGYEHESHERERIESESPETETHFIFINFJFJIFKFLK",
    "FMFSMFOFROFRFRAGAGABGBGBRGDGRDGEGEOGFGUFGGGGYGHGHAGIGIBGLGRLGMGMBGNGINGPGLPGQGNQGRGRCGSSGS",
    "GTGTMGUGUMGWGNBGYGUYHKHKGHMHMDHNHNDHRHRVHTHTIHUHUNIDIDNIEIRLILISRIMIMNININDIOIOTIQIRQIRIRN",
    "ISISLITITAJEJEYJMJAMJOJORJPJPNKEKENKGKGZKHKHMKIKIRKMCOMKNKNAKPPRKKRKORKWKWTKYCYMKZKAZLALAO",
    "LBLBNLCLCALILIELKLKALRLBRLSLSOLTLTULULUXLVLVALYLBYMAMARMCMCOMDMDAMEMNEMFMAFMGMDGMHMHLMKMKD",
    "MLMLIMMMMRMNMNGMOMACMPMNPMQMTQMRMRTMSMSRMTMLTMUMUSMVMDVMWMWIMXMEXMYMYSMZMOZNANAMNCNCLNENER",
    "NFNFKNGNGANINICNLNLDNONORNPNPLNRNRUNUNIUNZNZLOMOMNPAPANPEPERPFPYFPGPNGPHPHLPKPAKPLPOLPMSPM",
    "PNPCNPRPRIPSPSEPTPRTPWPLWPYPRYQAQATREREUROROURSSRBRURUSRWRWASASAUSBSLBSCSYCSDSDNSESWESGSGP",
    "SHSHNSISVNSJSJMSKSVKSLSLESMSMRSNSENSOSOMSRSURSSSSDSTSTPSVSLVSXSXMSYSYRSZSWZTCTCATDTCDTFATF",
    "TGTGOTHTHATJTJKTKTKLTLTLSTMTKMTNTUNTOTONTRTURTTTTOTVTUVTWTWNTZTZAUAUKRUGUGAUMUMIUSUSAUYURY",
    "UZUZBVAVATVCVCTVEVENVGVGBVIVIRVNVNMVUVUTWFWLFWSWSMYEYEMYTMYTZAZAFZMZMBZWZWE",
);

/// The three letters of a country that was named by two or by three.
pub fn three(code: &str) -> Option<String> {
    let code = code.trim().to_ascii_uppercase();
    let rows = TABLE.as_bytes().chunks_exact(5).filter_map(|row| std::str::from_utf8(row).ok());
    let mut rows = rows.map(|row| row.split_at(2));
    let found = rows.find(|(two, three)| *two == code || *three == code)?;
    Some(found.1.to_owned())
}

/// The two letters of a country of three.
pub fn two(code: &str) -> Option<String> {
    let rows = TABLE.as_bytes().chunks_exact(5).filter_map(|row| std::str::from_utf8(row).ok());
    let found = rows.map(|row| row.split_at(2)).find(|(_, three)| *three == code)?;
    Some(found.0.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_lead_to_each_other() {
        assert_eq!(TABLE.len() % 5, 0);
        let mut seen = std::collections::BTreeSet::new();
        for row in TABLE.as_bytes().chunks_exact(5) {
            let row = std::str::from_utf8(row).unwrap();
            let (a, b) = row.split_at(2);
            assert_eq!((three(a), two(b)), (Some(b.to_owned()), Some(a.to_owned())), "{row}");
            assert!(seen.insert(a) && seen.insert(b), "{row}");
        }
        assert_eq!(seen.len(), 2 * 249);
        assert_eq!(three("kz"), Some("KAZ".to_owned()));
        assert_eq!((three("xx"), three("Kazakhstan")), (None, None));
    }
}
