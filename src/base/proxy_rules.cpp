#include <base/proxy_rules.hpp>

#include <algorithm>
#include <arpa/inet.h>
#include <base/ascii.hpp>
#include <base/base64.hpp>
#include <base/percent.hpp>
#include <charconv>
#include <utility>

namespace kusto::base
{

namespace
{

constexpr std::string_view wanted =
    "an http:// URL of a proxy such as http://proxy.example.org:3128, with user:password@ in front "
    "of the host if it demands that";

failure not_a_proxy(std::string const& why)
{
    return failure(errc::invalid_option, stage::options, std::string(wanted) + ": " + why);
}

/// Without the text in front of `://`, or all of `text` if there is none.
result<std::string_view> without_scheme(std::string_view text)
{
    auto const separator = text.find("://");
    if (separator == std::string_view::npos)
        return text;
    auto const scheme = to_lower(text.substr(0, separator));
    if (scheme == "http")
        return text.substr(separator + 3);
    if (scheme == "https")
        return not_a_proxy("proxies that are themselves reached by TLS (https://) are not "
                           "supported; https targets work through an http:// proxy");
    if (scheme.starts_with("socks"))
        return not_a_proxy("SOCKS proxies are not supported");
    return not_a_proxy("its scheme is not http");
}

result<secret> authorization_of(std::string_view user_information)
{
    auto const colon = (std::min)(user_information.find(':'), user_information.size());
    auto user = percent_decode(user_information.substr(0, colon));
    auto password = colon == user_information.size()
                        ? std::optional<std::string>(std::in_place)
                        : percent_decode(user_information.substr(colon + 1));
    secret const name(user ? std::move(*user) : std::string());
    secret const word(password ? std::move(*password) : std::string());
    if (!user || !password)
        return not_a_proxy("in user name and password, % must be followed by two hexadecimal "
                           "digits (%25 is the percent sign)");
    if (name.reveal().find(':') != std::string_view::npos)
        return not_a_proxy("the user name must not hold a colon");
    std::string plain;
    plain.reserve(name.size() + word.size() + 1);
    plain.append(name.reveal()).append(":").append(word.reveal());
    auto encoded = base64_encode(plain);
    wipe(plain);
    std::string value;
    value.reserve(encoded.size() + 6);
    value.append("Basic ").append(encoded);
    wipe(encoded);
    return secret(std::move(value));
}

std::string_view without_final_dot(std::string_view name)
{
    return name.ends_with('.') ? name.substr(0, name.size() - 1) : name;
}

std::optional<std::uint16_t> parse_port(std::string_view text)
{
    unsigned value = 0;
    auto const* const end = text.data() + text.size();
    auto const [stop, ec] = std::from_chars(text.data(), end, value);
    if (ec != std::errc() || stop != end || value == 0 || value > 65535)
        return std::nullopt;
    return static_cast<std::uint16_t>(value);
}

bool is_name(std::string_view text)
{
    return !text.empty() && text.front() != '.' && text.back() != '.' &&
           text.find("..") == std::string_view::npos &&
           std::all_of(text.begin(), text.end(),
                       [](char c)
                       { return is_letter(c) || is_digit(c) || c == '-' || c == '_' || c == '.'; });
}

bool is_at_or_below(std::string_view host, std::string_view name)
{
    if (host.size() == name.size())
        return host == name;
    return host.size() > name.size() && host.ends_with(name) &&
           host[host.size() - name.size() - 1] == '.';
}

} // namespace

result<proxy_server> parse_proxy(std::string_view text)
{
    text = trim(text);
    auto const rest = without_scheme(text);
    if (!rest)
        return rest.error();
    auto const authority = rest->substr(0, rest->find_first_of("/?#"));
    auto const tail = rest->substr(authority.size());
    if (!tail.empty() && tail != "/")
        return not_a_proxy("nothing may follow the port; in user name and password, the characters "
                           "/ ? # @ : must be percent-encoded");
    auto const at = authority.rfind('@');
    bool const has_user = at != std::string_view::npos;
    auto const place = has_user ? authority.substr(at + 1) : authority;
    auto where = url::parse("http://" + std::string(place) + "/");
    if (!where)
        return not_a_proxy(where.error().message());
    proxy_server server;
    server.where = std::move(*where);
    if (!has_user)
        return server;
    auto authorization = authorization_of(authority.substr(0, at));
    if (!authorization)
        return authorization.error();
    server.authorization = std::move(*authorization);
    return server;
}

proxy_bypass proxy_bypass::parse(std::string_view list)
{
    proxy_bypass parsed;
    while (!list.empty())
    {
        auto const comma = (std::min)(list.find(','), list.size());
        auto const entry = trim(list.substr(0, comma));
        if (!entry.empty() && !parsed.add(entry))
            parsed.not_understood_.emplace_back(entry);
        list.remove_prefix((std::min)(comma + 1, list.size()));
    }
    return parsed;
}

std::optional<proxy_bypass::address> proxy_bypass::parse_address(std::string_view text)
{
    std::string const terminated(text);
    address parsed{};
    if (::inet_pton(AF_INET6, terminated.c_str(), parsed.data()) == 1)
        return parsed;
    parsed[10] = parsed[11] = 0xff;
    if (::inet_pton(AF_INET, terminated.c_str(), parsed.data() + 12) == 1)
        return parsed;
    return std::nullopt;
}

std::optional<proxy_bypass::network> proxy_bypass::parse_network(std::string_view text)
{
    auto const slash = text.find('/');
    auto const base = parse_address(text.substr(0, slash));
    if (!base)
        return std::nullopt;
    network parsed{*base, 128, 0};
    if (slash == std::string_view::npos)
        return parsed;
    unsigned bits = 0;
    auto const digits = text.substr(slash + 1);
    auto const* const end = digits.data() + digits.size();
    auto const [stop, ec] = std::from_chars(digits.data(), end, bits);
    bool const v4 = text.find(':') == std::string_view::npos;
    if (ec != std::errc() || stop != end || bits > (v4 ? 32u : 128u))
        return std::nullopt;
    parsed.bits = v4 ? bits + 96 : bits;
    return parsed;
}

bool proxy_bypass::contains(network const& all, address const& one)
{
    auto const whole = all.bits / 8;
    if (!std::equal(all.base.begin(), all.base.begin() + whole, one.begin()))
        return false;
    auto const rest = all.bits % 8;
    if (rest == 0)
        return true;
    auto const mask = static_cast<unsigned char>(0xff << (8 - rest));
    return ((all.base[whole] ^ one[whole]) & mask) == 0;
}

namespace
{

/// `name`, `name:port`, `[address]`, `[address]:port`; the port is 0 if there is none.
std::optional<std::pair<std::string_view, std::uint16_t>> split_port(std::string_view entry)
{
    std::uint16_t port = 0;
    auto const colon = entry.rfind(':');
    if (colon != std::string_view::npos)
    {
        auto const given = parse_port(entry.substr(colon + 1));
        if (given)
            port = *given;
        else if (!entry.ends_with(']'))
            return std::nullopt;
        entry = given ? entry.substr(0, colon) : entry;
    }
    if (entry.starts_with('[') && entry.ends_with(']'))
        entry = entry.substr(1, entry.size() - 2);
    else if (entry.find(':') != std::string_view::npos)
        return std::nullopt;
    return std::pair(entry, port);
}

} // namespace

bool proxy_bypass::add(std::string_view entry)
{
    if (entry == "*")
    {
        everything_ = true;
        return true;
    }
    auto all = parse_network(entry);
    if (all)
    {
        networks_.push_back(*all);
        return true;
    }
    auto const split = split_port(entry);
    if (!split)
        return false;
    auto [name, port] = *split;
    auto const one = parse_address(name);
    if (one)
    {
        networks_.push_back({*one, 128, port});
        return true;
    }
    if (name.starts_with("*."))
        name.remove_prefix(1);
    if (name.starts_with('.'))
        name.remove_prefix(1);
    name = without_final_dot(name);
    if (!is_name(name))
        return false;
    suffixes_.push_back({to_lower(name), port});
    return true;
}

bool proxy_bypass::covers(url const& target) const
{
    if (everything_)
        return true;
    auto const at_port = [&target](auto const& rule)
    { return rule.port == 0 || rule.port == target.port(); };
    auto const host = without_final_dot(target.host());
    auto const here = parse_address(host);
    if (here)
        return std::any_of(networks_.begin(), networks_.end(),
                           [&](network const& each)
                           { return at_port(each) && contains(each, *here); });
    return std::any_of(suffixes_.begin(), suffixes_.end(),
                       [&](suffix const& each)
                       { return at_port(each) && is_at_or_below(host, each.name); });
}

proxy_rules::proxy_rules(proxy_server via, proxy_bypass bypass)
    : via_(std::move(via)),
      bypass_(std::move(bypass))
{
}

proxy_server const* proxy_rules::choose(url const& target) const
{
    static auto const near =
        proxy_bypass::parse("localhost,127.0.0.0/8,::1,169.254.0.0/16,fe80::/10");
    if (!via_ || !target.is_https() || near.covers(target) || bypass_.covers(target))
        return nullptr;
    return &*via_;
}

} // namespace kusto::base
