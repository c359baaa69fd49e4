//! Every way in which a field of a request can compare with a field of a row.

macro_rules! levels {
    ($($name:ident: $field:literal, $level:literal, $words:literal;)*) => {
        /// A level of agreement of one field.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[expect(missing_docs, reason = "the words of each level say what it means")]
        pub enum Level { $($name),* }

        impl Level {
            /// All levels, field by field.
            pub const ALL: &[Level] = &[$(Level::$name),*];
            /// Number of levels.
            pub const COUNT: usize = Self::ALL.len();

            /// Field, as the model file and an explanation name it.
            pub fn field(self) -> &'static str {
                match self { $(Level::$name => $field),* }
            }

            /// Name of the level in the model file.
            pub fn name(self) -> &'static str {
                match self { $(Level::$name => $level),* }
            }

            /// The level in plain words.
            pub fn words(self) -> &'static str {
                match self { $(Level::$name => $words),* }
            }
        }
    };
}

levels! {
    GivenExact: "given_name", "exact", "the same";
    GivenVariant: "given_name", "variant", "a form of the same name";
    GivenClose: "given_name", "one_edit", "one letter apart";
    GivenNear: "given_name", "near", "spelled much alike";
    GivenInitial: "given_name", "initial", "the same initial";
    GivenIsMiddle: "given_name", "is_middle_name", "another given name of the person";
    GivenDifferent: "given_name", "different", "different";
    MiddleExact: "middle_name", "exact", "the same";
    MiddleInitial: "middle_name", "initial", "the same initial";
    MiddleClose: "middle_name", "one_edit", "one letter apart";
    MiddleDifferent: "middle_name", "different", "different";
    SurnameExact: "surname", "exact", "the same";
    SurnameClose: "surname", "one_edit", "one letter apart";
    SurnameNear: "surname", "near", "spelled much alike";
    SurnamePart: "surname", "part", "one part of a compound name";
    SurnameDifferent: "surname", "different", "different";
    SurnameDifferentWoman: "surname", "different_woman", "different (a woman, perhaps married)";
    NamesSwapped: "names", "swapped", "given name and surname stand in each other's place";
    NamesHalfSwapped: "names", "one_misplaced", "one name stands in the other's place, the other name is different";
    BirthExact: "date_of_birth", "exact", "the same";
    BirthSwapped: "date_of_birth", "day_month_swapped", "day and month stand in each other's place";
    BirthDigit: "date_of_birth", "one_digit", "one digit differs";
    BirthYearNear: "date_of_birth", "year_off_by_one", "the year is off by one";
    BirthFirstJanuary: "date_of_birth", "first_of_january", "the same year, and 1 January on one side";
    BirthPartial: "date_of_birth", "known_parts", "the same as far as known";
    BirthYear: "date_of_birth", "two_parts", "two of day, month and year are the same";
    BirthDifferent: "date_of_birth", "different", "different";
    SexSame: "sex", "same", "the same";
    SexDifferent: "sex", "different", "different";
    PlaceSame: "address", "same", "the same premises and postcode";
    PlaceNeighbor: "address", "neighbor", "the same street and postcode, other premises";
    PlacePostcode: "address", "postcode_only", "the same postcode, another address line";
    PlacePostcodeClose: "address", "postcode_close", "the same premises, the postcode one letter apart";
    PlacePremises: "address", "premises_only", "the same premises, another postcode";
    PlaceNearby: "address", "same_district", "elsewhere in the same district or town";
    PlaceElsewhere: "address", "elsewhere", "elsewhere";
    PostcodeSame: "postcode", "same", "the same";
    PostcodeClose: "postcode", "one_edit", "one letter apart";
    PostcodeNearby: "postcode", "same_district", "elsewhere in the same district or town";
    PostcodeElsewhere: "postcode", "elsewhere", "elsewhere";
    PremisesSame: "address_line", "same", "the same premises, no postcode to compare";
    PremisesStreet: "address_line", "street", "the same street, other premises, no postcode to compare";
    PremisesNearby: "address_line", "same_town", "elsewhere in the same town";
    PremisesElsewhere: "address_line", "elsewhere", "elsewhere";
    NumberSame: "nhs_number", "same", "the same";
    NumberDifferent: "nhs_number", "different", "different";
}
