#include <kusto/encoder.hpp>

#include <text/encode_error.hpp>
#include <text/utf8.hpp>

namespace kusto
{

namespace text
{

std::string excerpt(std::string_view text)
{
    std::string made;
    for (std::size_t at = 0; at < text.size();)
    {
        if (made.size() >= 57)
            return made + "...";
        auto const c = static_cast<unsigned char>(text[at]);
        auto const length = c < 0x80 ? 1 : multibyte_length(text.substr(at));
        if (length == 0 || c < 0x20 || c == 0x7f)
            made += '?';
        else
            made += text.substr(at, length);
        at += length == 0 ? 1 : length;
    }
    return made;
}

} // namespace text

namespace detail
{

void record_encoder::fail(errc code, std::string_view message) const
{
    std::string what;
    if (field_ != 0)
    {
        what = "field ";
        if (names_ && field_ <= count_)
            what.append("\"").append(names_[field_ - 1]).append("\" (number ");
        what += std::to_string(field_);
        if (names_ && field_ <= count_)
            what += ')';
        what += ": ";
    }
    what += message;
    text::throw_encode_error(code, std::move(what));
}

void record_encoder::fail_range(std::string_view what, std::string_view remedy) const
{
    fail(errc::invalid_record,
         std::string(what).append(" is out of the range that Kusto can hold; ").append(remedy));
}

void record_encoder::fail_unsigned(std::uint64_t given) const
{
    fail(errc::invalid_record, std::to_string(given) +
                                   " exceeds 9223372036854775807, the largest value of long; "
                                   "write it as decimal or string");
}

void record_encoder::fail_utf8(std::string_view text, std::size_t offset) const
{
    static constexpr char digits[] = "0123456789abcdef";
    auto const byte = static_cast<unsigned char>(text[offset]);
    std::string message = "the text is not UTF-8: byte 0x";
    message += digits[byte >> 4];
    message += digits[byte & 15];
    message += " at offset " + std::to_string(offset) +
               "; convert the text to UTF-8, or write binary data in base64";
    fail(errc::invalid_utf8, message);
}

void record_encoder::fail_value_size(std::size_t size) const
{
    fail(errc::invalid_record,
         "the value has " + std::to_string(size) + " bytes, more than the " +
             std::to_string(max_value_bytes) +
             " that the service keeps; shorten it, or raise MaxValueSize in the column's encoding "
             "policy and write the record as csv_line or json_line");
}

void record_encoder::fail_record_size(std::size_t size)
{
    field_ = 0;
    fail(errc::record_too_large,
         "the record has " + std::to_string(size + 1) + " bytes, more than the " +
             std::to_string(max_record_bytes) + " that the service accepts; split it");
}

void record_encoder::finish()
{
    auto const size = out_.size() - start_;
    if (size == 0)
        out_.append("\"\"");
    if (size >= max_record_bytes)
        fail_record_size(size);
    out_.push_back('\n');
    finished_ = true;
}

} // namespace detail

} // namespace kusto
