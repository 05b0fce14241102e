//! The plural that Hugo makes of a folder's name where a section has no `_index.md` to give it a title.
//!
//! The rules are those of English as Hugo knows them, with its oddities: `video` is `videoes`.

use crate::content::text::capitalised;

/// How the end of a word changes; the first that fits does.
const ENDINGS: [(&str, &str); 66] = [
    // what is alike in the plural
    ("news", "news"),
    ("series", "series"),
    ("species", "species"),
    ("sheep", "sheep"),
    ("deer", "deer"),
    ("fish", "fish"),
    ("moose", "moose"),
    ("police", "police"),
    ("aircraft", "aircraft"),
    ("equipment", "equipment"),
    ("information", "information"),
    ("money", "money"),
    ("rice", "rice"),
    ("people", "people"),
    ("children", "children"),
    ("men", "men"),
    ("ea", "ea"),
    ("ia", "ia"),
    ("data", "data"),
    // what changes within
    ("person", "people"),
    ("child", "children"),
    ("human", "humans"),
    ("man", "men"),
    ("mouse", "mice"),
    ("goose", "geese"),
    ("tooth", "teeth"),
    ("foot", "feet"),
    ("life", "lives"),
    ("knife", "knives"),
    ("leaf", "leaves"),
    ("loaf", "loaves"),
    ("thief", "thieves"),
    ("lf", "lves"),
    ("quiz", "quizzes"),
    // Latin and Greek
    ("index", "indices"),
    ("appendix", "appendices"),
    ("trix", "trices"),
    ("vertex", "vertices"),
    ("medium", "media"),
    ("datum", "data"),
    ("criterion", "criteria"),
    ("phenomenon", "phenomena"),
    ("focus", "foci"),
    ("radius", "radii"),
    ("syllabus", "syllabi"),
    ("sis", "ses"),
    ("axis", "axes"),
    ("alias", "aliases"),
    // sounds
    ("ss", "sses"),
    ("us", "uses"),
    ("sh", "shes"),
    ("ch", "ches"),
    ("x", "xes"),
    ("z", "zes"),
    ("s", "s"),
    ("ay", "ays"),
    ("ey", "eys"),
    ("oy", "oys"),
    ("uy", "uys"),
    ("y", "ies"),
    ("io", "ios"),
    ("oo", "oos"),
    ("photo", "photos"),
    // what is spelled with capitals, such as `CSS`
    ("S", "Ses"),
    ("how-to", "how-tos"),
    ("o", "oes"),
];

/// A word, or the last of several, in the plural; one that is a plural stays as it is.
pub(super) fn plural(words: &str) -> String {
    let (before, word) = words.split_at(words.rfind([' ', '-']).map_or(0, |at| at + 1));
    if word.starts_with(|c: char| c.is_ascii_uppercase()) && word.ends_with(|c: char| !c.is_ascii_uppercase()) {
        // a capital makes it no other word
        let small = word[..1].to_ascii_lowercase() + &word[1..];
        return before.to_owned() + &capitalised(&plural(&small));
    }
    let fits = ENDINGS.iter().find_map(|(ending, plural)| Some((words.strip_suffix(ending)?, plural)));
    fits.map_or_else(|| format!("{words}s"), |(stem, plural)| format!("{stem}{plural}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_have_the_plurals_of_hugo() {
        let words = "post posts|blog blogs|note notes|notes notes|news news|article articles|story stories|category categories|\
             gallery galleries|essay essays|journey journeys|diary diaries|research researches|class classes|press presses|\
             business businesses|status statuses|box boxes|series series|case-study case-studies|blog-post blog-posts|\
             person people|child children|woman women|life lives|analysis analyses|crisis crises|index indices|matrix matrices|\
             quiz quizzes|photo photos|video videoes|studio studios|portfolio portfolios|zoo zoos|how-to how-tos|go goes|hero heroes|\
             idea idea|media media|data data|linux linuxes|tech teches|shelf shelves|chief chiefs|roof roofs|2020 2020s|News News|People People|Person People|My-Story My-Stories|API APIs|iOS iOSes|\
             CSS CSSes|Box Boxes|Woman Women|Analysis Analyses|ASTRONOMY ASTRONOMYs|日本 日本s";
        for (word, expected) in words.split('|').filter_map(|pair| pair.split_once(' ')) {
            assert_eq!(plural(word), expected);
        }
    }
}
