//! The plural that Hugo makes of a folder's name where a section has no `_index.md` to give it a title.
//!
//! The rules are those of English as Hugo knows them, with its oddities: `video` is `videoes`.

/// How the end of a word changes; the first that fits does.
const ENDINGS: [(&str, &str); 65] = [
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
    ("how-to", "how-tos"),
    ("o", "oes"),
];

/// A word, or the last of several, in the plural; one that is a plural stays as it is.
pub(super) fn plural(word: &str) -> String {
    let fits = ENDINGS.iter().find_map(|(ending, plural)| Some((word.strip_suffix(ending)?, plural)));
    fits.map_or_else(|| format!("{word}s"), |(stem, plural)| format!("{stem}{plural}"))
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
             idea idea|media media|data data|linux linuxes|tech teches|shelf shelves|chief chiefs|roof roofs|2020 2020s";
        for (word, expected) in words.split('|').filter_map(|pair| pair.split_once(' ')) {
            assert_eq!(plural(word), expected);
        }
    }
}
