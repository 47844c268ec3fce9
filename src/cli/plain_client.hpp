#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>

namespace kusto::cli
{

/// One blocking keep-alive connection to a local cluster, over TLS or plain: for what is measured
/// beside the library, and for asking the cluster.
class plain_client
{
public:
    struct reply
    {
        int status = 0;
        std::string body;
    };

    /// \param base_url  `https://localhost:1234`
    /// \param ca_pem  empty for plain HTTP
    /// \throws boost::system::system_error
    plain_client(std::string const& base_url, std::string const& ca_pem);
    ~plain_client();

    /// Sends one request and reads its reply.
    /// \param headers  lines that end in CR LF, besides `Host` and `Content-Length`
    /// \throws boost::system::system_error
    reply send(std::string const& method, std::string const& target,
               std::string const& headers = {}, std::span<char const> body = {});

private:
    struct impl;
    std::unique_ptr<impl> impl_;
};

} // namespace kusto::cli
