use thiserror::Error;

/// Why a poll cannot be read or estimated: where, what, and what cures it.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SurveyError {
    /// The plan is not valid.
    #[error("`{file}`, line {line}: {problem}; {remedy}")]
    Plan {
        /// Name of the file.
        file: String,
        /// Line, from 1.
        line: usize,
        /// What is wrong.
        problem: String,
        /// What cures it.
        remedy: String,
    },
    /// A row of answers is not valid.
    #[error("`{file}`, line {line}, column `{column}`: {problem}; {remedy}")]
    Answers {
        /// Name of the file.
        file: String,
        /// Line, from 1, with the header as line 1.
        line: u64,
        /// Name of the column.
        column: String,
        /// What is wrong.
        problem: String,
        /// What cures it.
        remedy: String,
    },
    /// The design or the margins do not go with the answers.
    #[error("`{file}`: {problem}; {remedy}")]
    Design {
        /// Name of the file with the answers.
        file: String,
        /// What is wrong.
        problem: String,
        /// What cures it.
        remedy: String,
    },
    /// There is no such question.
    #[error("the plan has no question `{question}`; it has: {known}")]
    Question {
        /// The name asked for.
        question: String,
        /// Names that there are.
        known: String,
    },
    /// Two waves did not ask the same.
    #[error("question `{question}` was not asked alike in both waves: {problem}; {remedy}")]
    Waves {
        /// The question.
        question: String,
        /// What differs.
        problem: String,
        /// What cures it.
        remedy: String,
    },
}
