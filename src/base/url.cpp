#include <base/url.hpp>

#include <algorithm>
#include <arpa/inet.h>
#include <base/ascii.hpp>
#include <charconv>
#include <utility>

namespace kusto::base
{

namespace
{

failure bad(std::string why)
{
    return failure(errc::invalid_url, stage::options, std::move(why));
}

bool is_ipv4(std::string const& host) noexcept
{
    in_addr address{};
    return ::inet_pton(AF_INET, host.c_str(), &address) == 1;
}

bool is_ipv6(std::string const& host) noexcept
{
    in6_addr address{};
    return ::inet_pton(AF_INET6, host.c_str(), &address) == 1;
}

/// Bytes that would split a request line or a header, or that no URL may hold.
bool has_forbidden_bytes(std::string_view text) noexcept
{
    return std::any_of(text.begin(), text.end(),
                       [](char c)
                       {
                           auto const byte = static_cast<unsigned char>(c);
                           return byte <= 0x20 || byte == 0x7f;
                       });
}

bool is_host_name(std::string_view host) noexcept
{
    if (host.empty() || host.size() > 253 || host.front() == '.' || host.front() == '-')
        return false;
    if (host.find("..") != std::string_view::npos)
        return false;
    return std::all_of(host.begin(), host.end(),
                       [](char c)
                       { return is_letter(c) || is_digit(c) || c == '-' || c == '.' || c == '_'; });
}

struct authority_parts
{
    std::string host;
    std::string_view port;
    bool has_port = false;
};

result<authority_parts> split_authority(std::string_view text)
{
    authority_parts parts;
    if (text.find('@') != std::string_view::npos)
        return bad("a URL must not hold user information (the part before '@')");
    auto rest = text;
    if (!text.empty() && text.front() == '[')
    {
        auto const end = text.find(']');
        if (end == std::string_view::npos)
            return bad("']' is missing after the IPv6 address");
        parts.host = to_lower(text.substr(1, end - 1));
        if (!is_ipv6(parts.host))
            return bad("what is in brackets is not an IPv6 address");
        rest = text.substr(end + 1);
        if (!rest.empty() && rest.front() != ':')
            return bad("unexpected text after the IPv6 address");
    }
    else
    {
        auto const colon = text.find(':');
        auto const name = text.substr(0, colon);
        parts.host = to_lower(name);
        if (name.empty())
            return bad("the host is missing");
        if (!is_host_name(name))
            return bad("the host is not a valid name or IPv4 address");
        rest = colon == std::string_view::npos ? std::string_view() : text.substr(colon);
    }
    if (!rest.empty())
    {
        parts.has_port = true;
        parts.port = rest.substr(1);
    }
    return parts;
}

result<std::uint16_t> parse_port(std::string_view text)
{
    unsigned value = 0;
    auto const* const end = text.data() + text.size();
    auto const [stop, ec] = std::from_chars(text.data(), end, value);
    if (ec != std::errc() || stop != end || value == 0 || value > 65535)
        return bad("the port is not a number from 1 to 65535");
    return static_cast<std::uint16_t>(value);
}

} // namespace

bool is_localhost_name(std::string_view host) noexcept
{
    constexpr std::string_view name = "localhost";
    if (host.size() < name.size() ||
        !equal_ignoring_case(host.substr(host.size() - name.size()), name))
        return false;
    return host.size() == name.size() || host[host.size() - name.size() - 1] == '.';
}

result<url> url::parse(std::string_view text)
{
    if (text.empty())
        return bad("the URL is empty");
    if (text.size() > 16384)
        return bad("the URL is longer than 16384 characters");
    if (has_forbidden_bytes(text))
        return bad("the URL holds blanks or control characters");
    auto const separator = text.find("://");
    if (separator == std::string_view::npos || separator > text.find_first_of("/?#"))
        return bad("the scheme is missing: a URL begins with https://");
    url parsed;
    auto const scheme = to_lower(text.substr(0, separator));
    if (scheme != "https" && scheme != "http")
        return bad("the scheme is neither https nor http");
    parsed.https_ = scheme == "https";
    auto rest = text.substr(separator + 3);
    rest = rest.substr(0, rest.find('#'));
    auto const end = (std::min)(rest.find_first_of("/?"), rest.size());
    auto parts = split_authority(rest.substr(0, end));
    if (!parts)
        return parts.error();
    parsed.host_ = std::move(parts->host);
    parsed.port_ = parsed.https_ ? 443 : 80;
    if (parts->has_port)
    {
        auto const port = parse_port(parts->port);
        if (!port)
            return port.error();
        parsed.port_ = *port;
    }
    rest = rest.substr(end);
    auto const question = rest.find('?');
    if (question != 0 && !rest.empty())
        parsed.path_ = std::string(rest.substr(0, question));
    if (question != std::string_view::npos)
        parsed.query_ = std::string(rest.substr(question + 1));
    return parsed;
}

std::string url::target() const
{
    return query_.empty() ? path_ : path_ + '?' + query_;
}

std::string url::authority() const
{
    bool const v6 = host_.find(':') != std::string::npos;
    std::string text = v6 ? '[' + host_ + ']' : host_;
    if (port_ != (https_ ? 443 : 80))
        text += ':' + std::to_string(port_);
    return text;
}

std::string url::without_query() const
{
    return (https_ ? "https://" : "http://") + authority() + path_;
}

std::string url::with_secrets() const
{
    return (https_ ? "https://" : "http://") + authority() + target();
}

url url::with_target(std::string path, std::string query) const
{
    url other(*this);
    other.path_ = std::move(path);
    if (other.path_.empty() || other.path_.front() != '/')
        other.path_.insert(other.path_.begin(), '/');
    other.query_ = std::move(query);
    return other;
}

bool url::is_loopback() const noexcept
{
    if (is_localhost_name(host_) || host_ == "::1")
        return true;
    return host_.starts_with("127.") && is_ipv4(host_);
}

bool url::is_ip_literal() const noexcept
{
    return is_ipv4(host_) || is_ipv6(host_);
}

} // namespace kusto::base
