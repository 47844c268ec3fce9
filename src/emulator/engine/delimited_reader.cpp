#include "delimited_reader.hpp"

namespace kusto::emulator::kql
{

namespace
{
constexpr char const* unexpected = "BadRequest_UnexpectedCharacterInInputStream";
}

bool delimited_reader::fail(char const* code, std::string text)
{
    error_code_ = code;
    error_text_ = std::move(text) + " in record " + std::to_string(record_) + " at offset " +
                  std::to_string(at_);
    return false;
}

void delimited_reader::skip_empty_lines() noexcept
{
    for (;;)
    {
        if (at_ < text_.size() && text_[at_] == '\n')
            ++at_;
        else if (text_.substr(at_, 2) == "\r\n")
            at_ += 2;
        else
            return;
    }
}

bool delimited_reader::next(std::vector<std::string_view>& fields)
{
    fields.clear();
    extents_.clear();
    unescaped_.clear();
    skip_empty_lines();
    if (!error_code_.empty() || at_ >= text_.size())
        return false;
    ++record_;
    for (;;)
    {
        bool const quoted = at_ < text_.size() && text_[at_] == '"';
        if (!(quoted ? quoted_field() : plain_field()))
            return false;
        if (!more_fields())
            break;
    }
    for (auto const& part : extents_)
    {
        std::string_view const from = part.unescaped ? std::string_view(unescaped_) : text_;
        fields.push_back(from.substr(part.offset, part.length));
    }
    return true;
}

bool delimited_reader::plain_field()
{
    std::size_t const start = at_;
    char const* const data = text_.data();
    std::size_t const size = text_.size();
    std::size_t at = at_;
    while (at < size && data[at] != separator_ && data[at] != '\n' && data[at] != '"' &&
           data[at] != '\r')
        ++at;
    at_ = at;
    extents_.push_back({start, at - start, false});
    if (at == size || data[at] == separator_ || data[at] == '\n')
        return true;
    if (data[at] == '"')
        return fail(unexpected, "a quote inside a field that does not start with one");
    if (at + 1 < size && data[at + 1] == '\n')
        return true;
    return fail(unexpected, "an unquoted carriage return");
}

bool delimited_reader::quoted_field()
{
    std::size_t const start = ++at_;
    std::size_t const scratch = unescaped_.size();
    std::size_t part = start;
    bool doubled = false;
    for (;;)
    {
        std::size_t const quote = text_.find('"', at_);
        if (quote == std::string_view::npos)
            return fail("Stream_ClosingQuoteMissing", "a quoted field is not closed");
        at_ = quote + 1;
        if (at_ >= text_.size() || text_[at_] != '"')
            break;
        doubled = true;
        unescaped_.append(text_.substr(part, at_ - part));
        part = ++at_;
    }
    std::size_t const end = at_ - 1;
    if (doubled)
    {
        unescaped_.append(text_.substr(part, end - part));
        extents_.push_back({scratch, unescaped_.size() - scratch, true});
    }
    else
    {
        extents_.push_back({start, end - start, false});
    }
    bool const ended = at_ >= text_.size() || text_[at_] == separator_ || text_[at_] == '\n' ||
                       text_.substr(at_, 2) == "\r\n";
    return ended || fail(unexpected, "text after a closing quote");
}

bool delimited_reader::more_fields()
{
    if (at_ >= text_.size())
        return false;
    char const c = text_[at_];
    at_ += c == '\r' ? 2 : 1;
    return c == separator_;
}

} // namespace kusto::emulator::kql
