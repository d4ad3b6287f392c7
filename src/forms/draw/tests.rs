//! Tests on made-up forms.
