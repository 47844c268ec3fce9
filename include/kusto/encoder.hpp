#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <kusto/error.hpp>
#include <kusto/record_buffer.hpp>
#include <kusto/types.hpp>
#include <string_view>

namespace kusto
{

/// Bytes that the service keeps of one `string` or `dynamic` value unless the column's encoding
/// policy says otherwise: it would cut a longer string, and store null for a longer dynamic,
/// without an error. Longer values are refused with `errc::invalid_record`.
inline constexpr std::size_t max_value_bytes = std::size_t(1) << 20;

/// Bytes of the largest record that the service accepts. Larger ones are refused with
/// `errc::record_too_large`.
inline constexpr std::size_t max_record_bytes = 64'000'000;

class value;

namespace detail
{

/// Appends one record to a buffer, or nothing when it is destroyed before `finish`. Knows the
/// fields' names for messages.
class record_encoder
{
public:
    /// \param names  of the fields, or null if they have none; must outlive the encoder
    record_encoder(record_buffer& out, char const* const* names, std::size_t count) noexcept
        : out_(out),
          start_(out.size()),
          names_(names),
          count_(count)
    {
    }
    record_encoder(record_encoder const&) = delete;
    record_encoder& operator=(record_encoder const&) = delete;
    ~record_encoder()
    {
        if (!finished_)
            out_.truncate(start_);
    }

    [[nodiscard]] record_buffer& out() noexcept { return out_; }
    /// The message gets the field's name and number in front.
    [[noreturn]] void fail(errc code, std::string_view message) const;
    [[noreturn]] void fail_range(std::string_view what, std::string_view remedy) const;
    [[noreturn]] void fail_unsigned(std::uint64_t given) const;
    /// \param size  without the line end
    [[noreturn]] void fail_record_size(std::size_t size);
    [[noreturn]] void fail_value_size(std::size_t size) const;
    [[noreturn]] void fail_utf8(std::string_view text, std::size_t offset) const;
    void check_value_size(std::size_t size) const
    {
        if (size > max_value_bytes)
            fail_value_size(size);
    }
    /// Checks the size and ends the line. A CSV record of one empty field is written as `""`,
    /// because an empty line is no record.
    void finish();

    /// Names the field, from 1, that is written next; 0 is the record as a whole.
    void at_field(std::size_t number) noexcept { field_ = number; }

private:
    record_buffer& out_;
    std::size_t start_;
    char const* const* names_;
    std::size_t count_;
    std::size_t field_ = 0; // number of the current field, from 1
    bool finished_ = false;
};

/// JSON values at the end of a buffer. The composites write brackets, commas and keys.
class json_encoder
{
public:
    explicit json_encoder(record_encoder& record) noexcept : record_(record) {}

    [[nodiscard]] record_encoder& record() noexcept { return record_; }
    void raw(char c) { record_.out().push_back(c); }
    void raw(std::string_view json) { record_.out().append(json); }

    void null() { raw("null"); }
    void boolean(bool v) { raw(v ? std::string_view("true") : std::string_view("false")); }
    void integer(std::int64_t v);
    void real(double v);
    void real(float v);
    void text(std::string_view v);
    void datetime(std::int64_t ticks);
    void timespan(std::int64_t ticks);
    void guid(kusto::guid const& v);
    void decimal(kusto::decimal const& v);
    /// Refuses what is not JSON, even if it was made with `dynamic::unchecked`: it would spoil the
    /// whole value around it.
    void dynamic(kusto::dynamic const& v);
    void any(value const& v);

private:
    record_encoder& record_;
};

// Write text without terminator and return its end; room as stated is needed.
constexpr std::size_t boolean_text_size = 5;
constexpr std::size_t integer_text_size = 20;
constexpr std::size_t real_text_size = 32;
constexpr std::size_t guid_text_size = 36;
char* format_integer(std::int64_t v, char* out) noexcept;
/// Shortest digits that read back as the same number; `NaN`, `Infinity`, `-Infinity`.
char* format_real(double v, char* out) noexcept;
char* format_real(float v, char* out) noexcept;
char* format_guid(kusto::guid const& v, char* out) noexcept;

inline char* format_boolean(bool v, char* out) noexcept
{
    std::memcpy(out, v ? "true" : "fals", 4);
    out[4] = 'e';
    return out + (v ? 4 : 5);
}

/// CSV fields in a buffer.
///
/// The place of the next byte, `at`, is handed from field to field instead of being kept in the
/// buffer, so that it stays in a register: a record of many small fields is written as fast as to
/// plain memory. There is always room for `limited` bytes at that place.
class csv_encoder : public record_encoder
{
public:
    /// \param limited  bytes that all fields whose size has a limit need together, with separators
    csv_encoder(record_buffer& out, char const* const* names, std::size_t count,
                std::size_t limited) noexcept
        : record_encoder(out, names, count),
          limited_(limited + line_end)
    {
    }

    /// Where the first field goes.
    [[nodiscard]] char* begin() { return out().prepare(limited_); }
    /// `at` or, when there is no room for `count` bytes and the fields of limited size, the same
    /// place in a larger buffer.
    [[nodiscard]] char* with_room(char* at, std::size_t count)
    {
        auto const used = static_cast<std::size_t>(at - out().data());
        if (out().capacity() - used >= count + limited_)
            return at;
        (void)commit(at);
        return out().prepare(count + limited_);
    }

    [[nodiscard]] char* text(char* at, std::string_view v);
    /// \pre room for `any_text_size`
    [[nodiscard]] char* any(char* at, value const& v);
    static constexpr std::size_t any_text_size = kusto::decimal::text_size;

    /// For what writes at the end of the buffer itself. \returns the buffer's size
    [[nodiscard]] std::size_t commit(char* at) noexcept
    {
        out().truncate(static_cast<std::size_t>(at - out().data()));
        return out().size();
    }
    /// Checks what was written since the buffer had `begin` bytes, encloses it in quotes where CSV
    /// demands it, and goes on.
    [[nodiscard]] char* seal(std::size_t begin);

    using record_encoder::finish;
    void finish(char* at)
    {
        (void)commit(at);
        finish();
    }

private:
    static constexpr std::size_t line_end = 3;
    std::size_t limited_;
};

/// Check a line that is encoded already. \returns it without a line end
[[nodiscard]] std::string_view check_csv_line(std::string_view line);
[[nodiscard]] std::string_view check_json_line(std::string_view line);

} // namespace detail

} // namespace kusto
