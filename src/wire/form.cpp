#include <wire/form.hpp>

#include <base/percent.hpp>

namespace kusto::wire
{

form& form::add(std::string_view name, std::string_view value)
{
    fields_.emplace_back(name, value);
    return *this;
}

std::string form::text() const
{
    std::size_t size = 0;
    for (auto const& [name, value] : fields_)
        size += name.size() + base::percent_encoded_size(value) + 2;
    std::string text;
    text.reserve(size);
    for (auto const& [name, value] : fields_)
    {
        text.append(text.empty() ? "" : "&").append(name).append("=");
        base::append_percent_encoded(text, value);
    }
    return text;
}

std::string_view resource_of(std::string_view scope) noexcept
{
    constexpr std::string_view suffix = "/.default";
    return scope.ends_with(suffix) ? scope.substr(0, scope.size() - suffix.size()) : scope;
}

} // namespace kusto::wire
