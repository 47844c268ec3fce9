#pragma once

#include <cstddef>
#include <cstdint>
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
    [[noreturn]] void fail_utf8(std::string_view text, std::size_t offset) const;
    void check_value_size(std::size_t size) const;
    /// Checks the size and ends the line. A CSV record of one empty field is written as `""`,
    /// because an empty line is no record.
    void finish();

protected:
    void count_field() noexcept { ++field_; }

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

/// CSV fields at the end of a buffer.
class csv_encoder : public record_encoder
{
public:
    using record_encoder::record_encoder;

    [[nodiscard]] record_encoder& record() noexcept { return *this; }
    /// To be called before each field.
    void begin_field()
    {
        if (any_)
            out().push_back(',');
        any_ = true;
        count_field();
    }

    void null() noexcept {}
    void boolean(bool v) { out().append(v ? std::string_view("true") : std::string_view("false")); }
    void integer(std::int64_t v);
    void real(double v);
    void real(float v);
    void text(std::string_view v);
    void datetime(std::int64_t ticks);
    void timespan(std::int64_t ticks);
    void guid(kusto::guid const& v);
    void decimal(kusto::decimal const& v);
    void dynamic(kusto::dynamic const& v) { text(v.text()); }
    void any(value const& v);
    /// Checks what was written since the buffer had `begin` bytes and encloses it in quotes where
    /// CSV demands it.
    void seal(std::size_t begin);

private:
    bool any_ = false;
};

/// JSON lines: one object; the keys are the names.
class json_line_encoder : public record_encoder
{
public:
    using record_encoder::record_encoder;
    void begin_field() noexcept { count_field(); }
};

/// Check and append a line that is encoded already.
void encode_csv_line(std::string_view line, record_buffer& out);
void encode_json_line(std::string_view line, record_buffer& out);

} // namespace detail

} // namespace kusto
