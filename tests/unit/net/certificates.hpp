#pragma once

#include <memory>
#include <string>

namespace kusto::test
{

/// What a TLS server presents.
class server_identity
{
public:
    std::string certificate_pem;
    std::string key_pem;
    /// Speaks TLS 1.1 at best.
    bool outdated = false;
};

/// When a certificate is valid, in days from today.
class validity
{
public:
    int from = -1;
    int to = 1;
};

/// A certificate authority made for one test.
class authority
{
public:
    authority();
    ~authority();

    [[nodiscard]] std::string pem() const;
    /// \param names  as in OpenSSL's configuration: `DNS:localhost,IP:127.0.0.1`
    [[nodiscard]] server_identity issue(std::string const& names, validity when = {}) const;

private:
    struct impl;
    std::unique_ptr<impl> impl_;
};

/// A certificate that no authority has signed.
[[nodiscard]] server_identity self_signed(std::string const& names);

} // namespace kusto::test
