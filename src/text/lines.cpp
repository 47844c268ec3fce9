#include <kusto/encoder.hpp>

#include <algorithm>

#include <text/csv_scan.hpp>
#include <text/encode_error.hpp>
#include <text/json_check.hpp>
#include <text/utf8.hpp>

namespace kusto::detail
{

namespace
{

std::string_view without_line_end(std::string_view line) noexcept
{
    if (!line.empty() && line.back() == '\n')
        line.remove_suffix(1);
    if (!line.empty() && line.back() == '\r')
        line.remove_suffix(1);
    return line;
}

struct csv_mistake
{
    char const* what = nullptr;
    std::size_t offset = 0;
    std::size_t field = 0; // from 1
};

/// `at` is behind the opening quote; leaves it behind the closing one. False: there is none.
bool skip_quoted(std::string_view line, std::size_t& at) noexcept
{
    for (;;)
    {
        auto const quote = line.find('"', at);
        if (quote == std::string_view::npos)
            return false;
        at = quote + 1;
        if (at == line.size() || line[at] != '"')
            return true;
        ++at;
    }
}

/// RFC 4180 for exactly one record.
csv_mistake check_csv(std::string_view line) noexcept
{
    std::size_t at = 0;
    for (std::size_t field = 1;; ++field)
    {
        auto const begin = at;
        if (at < line.size() && line[at] == '"')
        {
            ++at;
            if (!skip_quoted(line, at))
                return {"the closing quote is missing", begin, field};
            if (at < line.size() && line[at] != ',' && line[at] != '\n' && line[at] != '\r')
                return {"text follows the closing quote; quotes inside of a quoted field must be "
                        "doubled",
                        at, field};
        }
        else
            at = (std::min)(line.find_first_of("\",\r\n", at), line.size());
        if (at == line.size())
            return {};
        if (line[at] == '"')
            return {"a quote in a field that is not quoted; enclose the field in quotes and double "
                    "the ones inside",
                    at, field};
        if (line[at] != ',')
            return {"a line break outside of quotes; pass one record at a time", at, field};
        ++at;
    }
}

/// A byte order mark at the beginning of a record is a leftover of a file, never data.
void refuse_mark(std::string_view line, char const* what)
{
    if (line.substr(0, 3) == "\xef\xbb\xbf")
        text::throw_encode_error(errc::invalid_record,
                                 std::string(what) +
                                     ": begins with a byte order mark; remove the first three "
                                     "bytes of the file");
}

} // namespace

namespace
{

[[noreturn]] void fail_utf8(std::string_view line, std::size_t offset)
{
    record_buffer nothing;
    record_encoder(nothing, nullptr, 0).fail_utf8(line, offset);
}

void check_line_size(std::string_view line)
{
    record_buffer nothing;
    if (line.size() >= max_record_bytes)
        record_encoder(nothing, nullptr, 0).fail_record_size(line.size());
}

/// What is wrong with a line, exactly; the caller knows only that something may be.
void explain_csv(std::string_view line)
{
    auto const wrong = check_csv(line);
    if (wrong.what)
        text::throw_encode_error(errc::invalid_record,
                                 "csv_line: field " + std::to_string(wrong.field) + ", offset " +
                                     std::to_string(wrong.offset) + ": " + wrong.what);
}

} // namespace

std::string_view check_csv_line(std::string_view line)
{
    line = without_line_end(line);
    if (line.empty())
        text::throw_encode_error(errc::invalid_record,
                                 "csv_line: the line is empty, which is no record; skip it, or "
                                 "write \"\" for one empty field");
    auto const scan = text::scan_line(line);
    if (!scan.ascii)
    {
        refuse_mark(line, "csv_line");
        auto const bad = text::find_invalid_utf8(line);
        if (bad != std::string_view::npos)
            fail_utf8(line, bad);
    }
    if (scan.special && !text::is_one_record(line))
        explain_csv(line);
    check_line_size(line);
    return line;
}

std::string_view check_json_line(std::string_view line)
{
    line = without_line_end(line);
    if (line.empty())
        text::throw_encode_error(errc::invalid_record,
                                 "json_line: the line is empty, which is no record; skip it");
    refuse_mark(line, "json_line");
    auto const wrong = text::check_json(line, text::json_form::object_on_line);
    if (wrong.utf8)
        fail_utf8(line, wrong.offset);
    if (wrong.what)
        text::throw_encode_error(errc::invalid_record,
                                 "json_line: offset " + std::to_string(wrong.offset) + ": " +
                                     wrong.what + "; pass one JSON object on one line");
    check_line_size(line);
    return line;
}

} // namespace kusto::detail
