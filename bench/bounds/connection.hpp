#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

namespace kusto::bounds
{

/// A storage container's address, taken apart. `query` holds a signature: never print it.
struct container
{
    bool tls = true;
    std::string host;
    std::string port;
    std::string path;  ///< begins with `/`
    std::string query; ///< behind `?`
    std::string ca_pem;
};

/// \param url  `https://host:port/account/container?sas`  \throws std::runtime_error
[[nodiscard]] container parse_container(std::string const& url, std::string ca_pem);

/// One blocking connection that is kept alive, by sockets and OpenSSL and nothing else. Takes no
/// memory after it is made. Not thread-safe.
class connection
{
public:
    /// Connects; verifies the server's certificate. \throws std::runtime_error
    explicit connection(container const& to);
    ~connection();
    connection(connection const&) = delete;
    connection& operator=(connection const&) = delete;

    /// Put Blob under a name that no other has, and its reply.
    /// \throws std::runtime_error for any status but 201
    void put(std::span<std::byte const> body);

private:
    struct tls_state;

    void start_tls(container const& to);
    void send(void const* bytes, std::size_t size);
    [[nodiscard]] std::size_t receive(void* into, std::size_t size);
    void read_reply();

    int socket_ = -1;
    std::unique_ptr<tls_state> tls_;
    std::string before_name_; ///< of the request's head
    std::string behind_name_;
};

} // namespace kusto::bounds
