#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace kusto::emulator::kql
{

/// A strict reader of RFC 4180 text with a one-byte separator.
///
/// A quote may stand only around a whole field; records end with LF or CR LF; a carriage return
/// elsewhere must be quoted. Lines without a single byte are no records.
class delimited_reader
{
public:
    delimited_reader(std::string_view text, char separator) noexcept
        : text_(text),
          separator_(separator)
    {
    }

    /// Reads the next record. The views are valid until the next call.
    /// \returns false at the end and on an error
    bool next(std::vector<std::string_view>& fields);

    /// Empty, or the service's error code.
    [[nodiscard]] std::string const& error_code() const noexcept { return error_code_; }
    [[nodiscard]] std::string const& error_text() const noexcept { return error_text_; }
    /// Number of the record read last, from 1.
    [[nodiscard]] std::size_t record() const noexcept { return record_; }

private:
    /// Where a field's text is; views come last because `unescaped_` moves while it grows.
    struct extent
    {
        std::size_t offset = 0;
        std::size_t length = 0;
        bool unescaped = false;
    };

    bool fail(char const* code, std::string text);
    bool plain_field();
    bool quoted_field();
    /// Consumes what ends a field. \returns whether the record goes on
    bool more_fields();
    void skip_empty_lines() noexcept;

    std::string_view text_;
    char separator_;
    std::size_t at_ = 0;
    std::size_t record_ = 0;
    std::vector<extent> extents_;
    std::string unescaped_;
    std::string error_code_;
    std::string error_text_;
};

} // namespace kusto::emulator::kql
