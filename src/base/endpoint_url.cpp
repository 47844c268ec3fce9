#include <base/endpoint_url.hpp>

#include <base/ascii.hpp>
#include <base/percent.hpp>
#include <base/utf8.hpp>
#include <utility>

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
    if (text.starts_with(byte_order_mark))
        text.remove_prefix(byte_order_mark.size());
    while (drop_federated() || drop_slash())
        continue;
    return text;
}

bool has_scheme(std::string_view text)
{
    auto const separator = text.find("://");
    return separator != std::string_view::npos && separator < text.find_first_of("/?#[");
}

/// `https//host`, `http:host`, `https:\\host`: without this they would be hosts called `https`.
bool has_broken_scheme(std::string_view text)
{
    auto const first = text.substr(0, text.find_first_of(":/\\"));
    return first.size() < text.size() &&
           (equal_ignoring_case(first, "https") || equal_ignoring_case(first, "http"));
}

failure bad(std::string why)
{
    return failure(errc::invalid_url, stage::options, std::move(why));
}

} // namespace

result<url> parse_endpoint(std::string_view text)
{
    std::string full(without_suffixes(text));
    if (full.empty())
        return bad("the URL is empty; it looks like "
                   "https://mycluster.westeurope.kusto.windows.net");
    if (full.find(';') != std::string::npos)
        return bad("the URL is followed by ';' and more, of which only ;fed=true may be there; a "
                   "connection string is read by connection_options::from_connection_string");
    if (!has_scheme(full))
    {
        if (has_broken_scheme(full))
            return bad("the scheme is not complete: a URL begins with https:// and a host");
        full.insert(0, "https://");
    }
    auto parsed = url::parse(full);
    if (!parsed)
        return parsed.error();
    if (!percent_decode(parsed->path()))
        return bad("in the path, % must be followed by two hexadecimal digits (%25 is the percent "
                   "sign)");
    if (!parsed->is_https() && !parsed->is_loopback())
        return bad("plain http is allowed for loopback hosts only; use https://")
            .host(parsed->authority());
    return parsed;
}

} // namespace kusto::base
