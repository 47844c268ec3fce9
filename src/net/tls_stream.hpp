#pragma once

#include <array>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/system/error_code.hpp>
#include <cstddef>
#include <memory>
#include <net/stream.hpp>
#include <net/tls_engine.hpp>
#include <optional>
#include <string>

namespace kusto::net
{

/// SHA-1 of a certificate.
using tls_thumbprint = std::array<unsigned char, 20>;

/// TLS over TCP.
///
/// Asio's own `ssl::stream` sends every record of 16 KiB by a system call and a turn of the
/// executor of its own. This one encrypts several records of a large body and sends them at once,
/// encrypting directly from the caller's memory.
class tls_stream final : public stream
{
public:
    /// \param host  name or IP address that the certificate must be for
    /// \param pin  the only certificate to accept, whatever its host and issuer; `context` must
    /// have
    ///        been given to `accept_pinned_only`
    tls_stream(boost::asio::ip::tcp::socket connected, SSL_CTX* context, std::string const& host,
               std::optional<tls_thumbprint> pin = std::nullopt);

    /// Has connections of `context` accept the certificate that they are pinned to, and no other.
    static void accept_pinned_only(SSL_CTX* context);

    [[nodiscard]] boost::asio::awaitable<handshake_result> handshake() override;
    [[nodiscard]] boost::asio::awaitable<io_result>
    read_some(boost::asio::mutable_buffer into) override;
    void start_write(std::shared_ptr<pending_write> job) override;
    void close() noexcept override;

    [[nodiscard]] bool encrypted() const noexcept override { return true; }
    [[nodiscard]] bool is_tls_error(boost::system::error_code ec) const noexcept override;
    [[nodiscard]] boost::asio::ip::tcp::socket& socket() noexcept override { return socket_; }
    [[nodiscard]] tls_facts facts() const override;

private:
    /// How much of a job is encrypted.
    class progress
    {
    public:
        std::size_t buffer = 0;
        std::size_t offset = 0;
    };

    /// What OpenSSL's callbacks see of this object.
    class verification
    {
    public:
        std::optional<tls_thumbprint> pin;
        tls_facts refused;
    };

    struct callbacks;

    void expect(std::string const& host);
    boost::asio::awaitable<boost::system::error_code> shake();
    /// Gets more input for the engine.
    boost::asio::awaitable<boost::system::error_code> receive();
    /// Sends what the engine has, unless the write under way will.
    boost::asio::awaitable<boost::system::error_code> flush();

    // The write: fill, send, and again; when nothing can be filled in before more was read, it
    // waits until `read_some` goes on with it.
    void go_on_writing();
    [[nodiscard]] boost::system::error_code fill();
    [[nodiscard]] boost::system::error_code encrypt();
    void send();
    void end_write(boost::system::error_code ec);

    boost::asio::ip::tcp::socket socket_;
    tls_engine engine_;
    verification checks_;
    boost::system::error_code setup_error_;
    std::shared_ptr<pending_write> job_;
    progress encrypted_;
    tls_engine::bytes sending_; ///< belongs to the send under way
    std::size_t sent_ = 0;      ///< of `sending_`
    bool busy_ = false;         ///< a send is under way
    bool stalled_ = false;      ///< the job waits for input of the engine, not for a send
};

} // namespace kusto::net
