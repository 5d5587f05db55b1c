//! Screening through its public interface.

mod attacks;
mod lists;
mod matching;
mod number_lists;
mod quality;
mod sets;
