#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace kusto::emulator
{

/// A blocking test client on one connection: TLS with full verification against a given authority,
/// or plain TCP. Throws on any transport error.
class https_client
{
public:
    struct reply
    {
        int status = 0;
        std::vector<std::pair<std::string, std::string>> headers;
        std::string body;
        bool got_continue = false;

        [[nodiscard]] std::string header(std::string const& name) const;
    };

    using fields = std::vector<std::pair<std::string, std::string>>;

    /// \param base_url  `https://localhost:1234`
    /// \param ca_pem  empty for plain HTTP
    https_client(std::string const& base_url, std::string const& ca_pem);
    /// Trusts one certificate and checks nothing else about it.
    /// \param thumbprint  SHA-1 in hexadecimal, upper case
    [[nodiscard]] static https_client pinned(std::string const& base_url,
                                             std::string const& thumbprint);
    ~https_client();
    https_client(https_client&&) noexcept;

    reply send(std::string const& method, std::string const& target, fields const& headers = {},
               std::string const& body = {});
    reply send_chunked(std::string const& method, std::string const& target, fields const& headers,
                       std::string const& body);
    /// Sends the header with `Expect: 100-continue`, and the body once the server said so.
    reply send_expecting(std::string const& method, std::string const& target,
                         fields const& headers, std::string const& body);
    /// Asks the proxy that this client is connected to for a tunnel, and goes on inside of it with
    /// TLS. \returns the proxy's status; everything but 200 ends there
    int connect_through(std::string const& authority, fields const& headers,
                        std::string const& ca_pem);
    /// Sends bytes as they are.
    void write(std::string const& bytes);
    /// Sends bytes as they are and reads one answer.
    /// \param only_head  the answer has no body, as that of a tunnel
    reply send_raw(std::string const& bytes, bool only_head = false);

private:
    struct impl;
    std::unique_ptr<impl> impl_;
};

} // namespace kusto::emulator
