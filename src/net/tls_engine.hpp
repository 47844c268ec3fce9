#pragma once

#include <boost/asio/buffer.hpp>
#include <boost/system/error_code.hpp>
#include <cstddef>
#include <memory>
#include <openssl/ssl.h>
#include <vector>

namespace kusto::net
{

/// The client's side of one TLS connection without its socket: turns plain bytes into what goes to
/// the peer, and what comes from the peer into plain bytes.
///
/// What goes to the peer is collected in one buffer, however many records that are, so that its
/// owner sends as many at a time as it likes. Never renegotiates (TLS 1.2); answers requests for new
/// keys (TLS 1.3), so any call may leave output.
///
/// \par Thread safety
/// None. `native_handle` must not be used to move data.
class tls_engine
{
public:
    using bytes = std::vector<unsigned char>;

    /// How far a call got.
    class step
    {
    public:
        step() = default;
        explicit step(boost::system::error_code ec) : ec(ec) {}

        /// Nothing moved: call again when there is more input.
        bool needs_input = false;
        /// `asio::error::eof`: the peer said goodbye. Else an error of Asio's SSL categories.
        boost::system::error_code ec;
        std::size_t moved = 0; ///< plain bytes
    };

    /// \throws std::bad_alloc
    explicit tls_engine(SSL_CTX* context);
    tls_engine(tls_engine const&) = delete;
    tls_engine& operator=(tls_engine const&) = delete;
    ~tls_engine();

    [[nodiscard]] SSL* native_handle() const noexcept { return tls_.get(); }

    [[nodiscard]] step handshake();
    /// At most one record. `into` is not empty.
    [[nodiscard]] step read(boost::asio::mutable_buffer into);
    /// Encrypts all of `from`, which is not empty, or nothing: while a message of TLS 1.3 that the
    /// peer sent after the handshake has come only in part, it needs input, which `read` takes.
    [[nodiscard]] step write(boost::asio::const_buffer from);

    /// Where the next bytes from the peer are to be put; then `commit_input` says how many.
    [[nodiscard]] boost::asio::mutable_buffer prepare_input();
    void commit_input(std::size_t size) noexcept;
    /// Frees the memory for input if there is none.
    void release_input() noexcept;
    /// What the end of the stream, without a goodbye or with one, amounts to.
    [[nodiscard]] boost::system::error_code end_of_input() const noexcept;

    /// What is to go to the peer, in this order. The owner takes it out.
    [[nodiscard]] bytes& output() noexcept { return output_; }

private:
    struct bio_calls;

    [[nodiscard]] step conclude(int returned, std::size_t moved);

    std::unique_ptr<SSL, decltype(&SSL_free)> tls_;
    std::unique_ptr<unsigned char[]> input_;
    std::size_t input_begin_ = 0;
    std::size_t input_end_ = 0;
    bytes output_;
};

} // namespace kusto::net
