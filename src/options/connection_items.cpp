#include <options/connection_items.hpp>

#include <algorithm>
#include <base/ascii.hpp>
#include <base/secret.hpp>
#include <base/utf8.hpp>

namespace kusto::options
{

namespace
{

bool looks_like_keyword(std::string_view text)
{
    constexpr std::size_t longest = 48;
    return text.size() <= longest &&
           std::all_of(text.begin(), text.end(),
                       [](char c) { return base::is_letter(c) || c == ' ' || c == '-'; });
}

} // namespace

void refuse_connection_string(std::string why)
{
    throw error(failure(errc::invalid_connection_string, stage::options, std::move(why)));
}

item_reader::item_reader(std::string_view text) : rest_(text)
{
    if (rest_.starts_with(base::byte_order_mark))
        rest_.remove_prefix(base::byte_order_mark.size());
}

item_reader::~item_reader()
{
    base::wipe(value_);
}

std::string item_reader::item() const
{
    return "item " + std::to_string(number_);
}

bool item_reader::next()
{
    for (;;)
    {
        base::wipe(value_);
        if (rest_.empty())
            return false;
        ++number_;
        auto const end = (std::min)(rest_.find_first_of(";="), rest_.size());
        auto const before = base::trim(rest_.substr(0, end));
        bool const bare = end == rest_.size() || rest_[end] == ';';
        rest_.remove_prefix((std::min)(end + 1, rest_.size()));
        if (bare && before.empty())
            continue;
        if (!bare)
        {
            read_keyword(before);
            read_value();
            return true;
        }
        if (number_ != 1)
            refuse_connection_string(
                item() + " has no '='; a value that holds ';' must be in double quotes");
        which_ = find_keyword(name_of(keyword::data_source));
        value_ = std::string(before);
        return true;
    }
}

void item_reader::read_keyword(std::string_view text)
{
    if (text.empty())
        refuse_connection_string(item() + " has no keyword before '='");
    which_ = find_keyword(text);
    if (which_ == nullptr)
    {
        auto const near = nearest_keyword(text);
        bool const shown = !secrets_before_ && looks_like_keyword(text);
        std::string why = item() + ": unknown keyword ";
        why += shown ? '`' + std::string(text) + '`' : std::string("(not shown)");
        if (!near.empty())
            why.append("; did you mean `").append(near).append("`?");
        refuse_connection_string(std::move(why));
    }
    if (which_->meaning == keyword::unsupported)
        refuse_connection_string("keyword `" + std::string(which_->name) +
                                 "` is not supported: " + std::string(which_->advice));
    secrets_before_ = secrets_before_ || is_secret(*which_);
}

void item_reader::read_value()
{
    while (!rest_.empty() && base::is_blank(rest_.front()))
        rest_.remove_prefix(1);
    bool const quoted = !rest_.empty() && (rest_.front() == '"' || rest_.front() == '\'');
    if (quoted)
        return read_quoted();
    auto const end = (std::min)(rest_.find(';'), rest_.size());
    value_ = std::string(base::trim(rest_.substr(0, end)));
    rest_.remove_prefix((std::min)(end + 1, rest_.size()));
}

void item_reader::read_quoted()
{
    char const quote = rest_.front();
    // So that it does not move while it grows, and leave copies of a secret behind.
    value_.reserve(rest_.size());
    std::size_t i = 1;
    for (;; ++i)
    {
        if (i >= rest_.size())
            refuse_connection_string(item() + " has an opening quote and no closing one");
        if (rest_[i] != quote)
            value_ += rest_[i];
        else if (i + 1 < rest_.size() && rest_[i + 1] == quote)
            value_ += rest_[i++];
        else
            break;
    }
    auto const end = (std::min)(rest_.find(';', i), rest_.size());
    if (!base::trim(rest_.substr(i + 1, end - i - 1)).empty())
        refuse_connection_string(item() +
                                 " has text after its closing quote; a quote inside is doubled");
    rest_.remove_prefix((std::min)(end + 1, rest_.size()));
}

} // namespace kusto::options
