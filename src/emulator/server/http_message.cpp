#include <emulator/server/http_message.hpp>

#include <algorithm>
#include <emulator/server/encoding.hpp>

namespace kusto::emulator
{

namespace
{

char lower(char c) noexcept
{
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

} // namespace

bool equal_no_case(std::string_view a, std::string_view b) noexcept
{
    return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(),
                                              [](char x, char y) { return lower(x) == lower(y); });
}

std::string lower_case(std::string_view text)
{
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(), lower);
    return out;
}

void header_list::add(std::string name, std::string value)
{
    fields_.emplace_back(std::move(name), std::move(value));
}

void header_list::set(std::string_view name, std::string value)
{
    fields_.erase(std::remove_if(fields_.begin(), fields_.end(),
                                 [&](auto const& field)
                                 { return equal_no_case(field.first, name); }),
                  fields_.end());
    fields_.emplace_back(std::string(name), std::move(value));
}

std::string const* header_list::find(std::string_view name) const noexcept
{
    for (auto const& field : fields_)
    {
        if (equal_no_case(field.first, name))
            return &field.second;
    }
    return nullptr;
}

std::string_view header_list::get(std::string_view name) const noexcept
{
    auto const* value = find(name);
    return value != nullptr ? std::string_view(*value) : std::string_view();
}

query_parameters::query_parameters(std::string_view query)
{
    while (!query.empty())
    {
        auto const end = query.find('&');
        auto const item = query.substr(0, end);
        query = end == std::string_view::npos ? std::string_view() : query.substr(end + 1);
        if (item.empty())
            continue;
        auto const equals = item.find('=');
        auto const value =
            equals == std::string_view::npos ? std::string_view() : item.substr(equals + 1);
        values_.emplace_back(lower_case(form_decode(item.substr(0, equals))), form_decode(value));
    }
}

std::string const* query_parameters::find(std::string_view name) const noexcept
{
    for (auto const& value : values_)
    {
        if (equal_no_case(value.first, name))
            return &value.second;
    }
    return nullptr;
}

std::string query_parameters::get(std::string_view name) const
{
    auto const* value = find(name);
    return value != nullptr ? *value : std::string();
}

void request::set_target(std::string_view target)
{
    auto const mark = target.find('?');
    path = std::string(target.substr(0, mark));
    query = mark == std::string_view::npos ? std::string() : std::string(target.substr(mark + 1));
}

} // namespace kusto::emulator
