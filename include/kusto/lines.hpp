#pragma once

#include <string_view>

namespace kusto
{

/// Whether `text` is well-formed UTF-8 (no overlong forms, no surrogates, nothing above U+10FFFF), which
/// every record must be. For input that may be anything, such as logs.
[[nodiscard]] bool is_utf8(std::string_view text) noexcept;

/// A record that is CSV already: a view of one line.
///
/// It is checked, and refused with `errc::invalid_record` or `errc::invalid_utf8`, unless it is
/// UTF-8, not blank, and exactly one record of RFC 4180: a quote stands only around a whole field
/// or, doubled, inside of such a field, and line breaks only inside of quotes. One line end at the
/// very end is allowed and replaced by `\n`. The size of single values is not checked, because the
/// columns may have an encoding policy that allows more than `max_value_bytes`.
///
/// \par Object lifetimes
/// The text must live until `write` or `encode_record` returns.
class csv_line
{
public:
    explicit csv_line(std::string_view text) noexcept : text_(text) {}
    [[nodiscard]] std::string_view text() const noexcept { return text_; }

private:
    std::string_view text_;
};

/// A record that is JSON already: a view of one JSON object on one line.
///
/// It is checked, and refused with `errc::invalid_record` or `errc::invalid_utf8`, unless it is an
/// object of strict JSON (RFC 8259, nesting at most 512) in UTF-8 without line breaks: the service
/// skips malformed lines in silence. One line end at the very end is allowed and replaced by `\n`.
///
/// \par Object lifetimes
/// The text must live until `write` or `encode_record` returns.
class json_line
{
public:
    explicit json_line(std::string_view text) noexcept : text_(text) {}
    [[nodiscard]] std::string_view text() const noexcept { return text_; }

private:
    std::string_view text_;
};

} // namespace kusto
