#pragma once

#include <cstdint>
#include <kusto/error.hpp>
#include <string>
#include <string_view>

namespace kusto::base
{

/// `localhost` and every name below it (RFC 6761). They stand for this machine, so whoever connects to
/// one must not ask the resolver where it is.
[[nodiscard]] bool is_localhost_name(std::string_view host) noexcept;

/// An absolute http or https URL, split. The query is kept byte for byte as it was given: a SAS must
/// never be decoded and encoded again (storage-protocol 1).
///
/// There is no `operator<<`: the query may be a secret. `without_query()` is safe to print.
class url
{
public:
    url() = default;

    /// Parses `text`. Fragments are dropped. `https://` is NOT assumed.
    /// Errors: `errc::invalid_url`; the message names what is wrong and shows no query.
    [[nodiscard]] static result<url> parse(std::string_view text);

    [[nodiscard]] bool is_https() const noexcept { return https_; }
    /// Lower case; an IPv6 literal without brackets.
    [[nodiscard]] std::string const& host() const noexcept { return host_; }
    /// Explicit or the scheme's default.
    [[nodiscard]] std::uint16_t port() const noexcept { return port_; }
    /// Begins with `/`; percent-encoded as given.
    [[nodiscard]] std::string const& path() const noexcept { return path_; }
    /// Without `?`; possibly secret.
    [[nodiscard]] std::string const& query() const noexcept { return query_; }
    /// `path` or `path?query`: the request target. Possibly secret.
    [[nodiscard]] std::string target() const;
    /// Host, and port unless it is the default: the `Host` header, and the key of the pool.
    [[nodiscard]] std::string authority() const;
    /// `https://host:port/path`. Safe to print unless the path is secret.
    [[nodiscard]] std::string without_query() const;
    /// Everything, with the query. Possibly secret.
    [[nodiscard]] std::string with_secrets() const;

    /// Same scheme, host and port, another path and query.
    [[nodiscard]] url with_target(std::string path, std::string query = {}) const;

    /// `localhost` and names below it, `127.0.0.0/8` and `::1`.
    [[nodiscard]] bool is_loopback() const noexcept;
    [[nodiscard]] bool is_ip_literal() const noexcept;

private:
    bool https_ = true;
    std::uint16_t port_ = 443;
    std::string host_;
    std::string path_ = "/";
    std::string query_;
};

} // namespace kusto::base
