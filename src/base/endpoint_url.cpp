#include <base/endpoint_url.hpp>

#include <base/ascii.hpp>

namespace kusto::base
{

namespace
{

/// Without query and fragment, and without what people and tools leave at the end of a URL.
std::string_view without_suffixes(std::string_view text)
{
    constexpr std::string_view federated = ";fed=true";
    auto const drop_federated = [&]
    {
        text = trim(text);
        bool const there =
            text.size() >= federated.size() &&
            equal_ignoring_case(text.substr(text.size() - federated.size()), federated);
        text.remove_suffix(there ? federated.size() : 0);
        return there;
    };
    auto const drop_slash = [&]
    {
        bool const there = text.ends_with('/') || text.ends_with('\\');
        text.remove_suffix(there ? 1 : 0);
        return there;
    };
    text = text.substr(0, text.find_first_of("?#"));
    while (drop_federated() || drop_slash())
        continue;
    return text;
}

bool has_scheme(std::string_view text)
{
    auto const separator = text.find("://");
    return separator != std::string_view::npos && separator < text.find_first_of("/?#[");
}

} // namespace

result<url> parse_endpoint(std::string_view text)
{
    std::string full(without_suffixes(text));
    if (full.empty())
        return failure(errc::invalid_url, stage::options,
                       "the URL is empty; it looks like "
                       "https://mycluster.westeurope.kusto.windows.net");
    if (!has_scheme(full))
        full.insert(0, "https://");
    auto parsed = url::parse(full);
    if (!parsed)
        return parsed.error();
    if (!parsed->is_https() && !parsed->is_loopback())
        return failure(errc::invalid_url, stage::options,
                       "plain http is allowed for loopback hosts only; use https://")
            .host(parsed->authority());
    return parsed;
}

} // namespace kusto::base
