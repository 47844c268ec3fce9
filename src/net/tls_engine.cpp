#include <net/tls_engine.hpp>

#include <algorithm>
#include <boost/asio/error.hpp>
#include <boost/asio/ssl/error.hpp>
#include <cstring>
#include <new>
#include <openssl/bio.h>
#include <openssl/err.h>

namespace kusto::net
{

namespace asio = boost::asio;
using boost::system::error_code;

namespace
{

// A record of the largest size and its header, so that reading one takes one call.
constexpr std::size_t input_size = (std::size_t(16) << 10) + 512;

} // namespace

/// What OpenSSL calls to move bytes of the connection.
struct tls_engine::bio_calls
{
    static tls_engine& owner(BIO* bio) { return *static_cast<tls_engine*>(BIO_get_data(bio)); }

    static int read(BIO* bio, char* into, std::size_t most, std::size_t* moved)
    {
        auto& self = owner(bio);
        BIO_clear_retry_flags(bio);
        *moved = (std::min)(most, self.input_end_ - self.input_begin_);
        if (*moved == 0)
        {
            BIO_set_retry_read(bio);
            return 0;
        }
        std::memcpy(into, self.input_.get() + self.input_begin_, *moved);
        self.input_begin_ += *moved;
        return 1;
    }

    static int write(BIO* bio, char const* from, std::size_t size, std::size_t* moved) noexcept
    try
    {
        auto& output = owner(bio).output_;
        auto const* const begin = reinterpret_cast<unsigned char const*>(from);
        output.insert(output.end(), begin, begin + size);
        *moved = size;
        return 1;
    }
    catch (std::bad_alloc const&)
    {
        *moved = 0;
        return 0;
    }

    static long control(BIO*, int command, long, void*)
    {
        return command == BIO_CTRL_FLUSH ? 1 : 0;
    }

    // Made once and never freed: connections of a global client may outlive any static object.
    static BIO_METHOD const* method()
    {
        static BIO_METHOD const* const calls = make_method();
        return calls;
    }

    static BIO_METHOD const* make_method()
    {
        auto* const made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "kusto");
        if (made == nullptr)
            throw std::bad_alloc();
        BIO_meth_set_read_ex(made, &bio_calls::read);
        BIO_meth_set_write_ex(made, &bio_calls::write);
        BIO_meth_set_ctrl(made, &bio_calls::control);
        return made;
    }
};

tls_engine::tls_engine(SSL_CTX* context) : tls_(SSL_new(context), &SSL_free)
{
    auto* const bio = tls_ ? BIO_new(bio_calls::method()) : nullptr;
    if (bio == nullptr)
        throw std::bad_alloc();
    BIO_set_data(bio, this);
    BIO_set_init(bio, 1);
    SSL_set_bio(tls_.get(), bio, bio);
    SSL_set_connect_state(tls_.get());
    SSL_set_options(tls_.get(), SSL_OP_NO_RENEGOTIATION);
    // Idle connections keep no buffers of OpenSSL's.
    SSL_set_mode(tls_.get(), SSL_MODE_RELEASE_BUFFERS);
}

tls_engine::~tls_engine() = default;

tls_engine::step tls_engine::handshake()
{
    ERR_clear_error();
    return conclude(SSL_do_handshake(tls_.get()), 0);
}

tls_engine::step tls_engine::read(asio::mutable_buffer into)
{
    std::size_t moved = 0;
    ERR_clear_error();
    auto const returned = SSL_read_ex(tls_.get(), into.data(), into.size(), &moved);
    return conclude(returned, moved);
}

tls_engine::step tls_engine::write(asio::const_buffer from)
{
    std::size_t moved = 0;
    ERR_clear_error();
    auto const returned = SSL_write_ex(tls_.get(), from.data(), from.size(), &moved);
    return conclude(returned, moved);
}

tls_engine::step tls_engine::conclude(int returned, std::size_t moved)
{
    step done;
    if (returned > 0)
    {
        done.moved = moved;
        return done;
    }
    switch (SSL_get_error(tls_.get(), returned))
    {
    case SSL_ERROR_WANT_READ:
        done.needs_input = true;
        return done;
    case SSL_ERROR_ZERO_RETURN:
        return step(asio::error::eof);
    case SSL_ERROR_SSL:
        return step(error_code(static_cast<int>(ERR_get_error()), asio::error::get_ssl_category()));
    default:
        return step(asio::ssl::error::unexpected_result);
    }
}

asio::mutable_buffer tls_engine::prepare_input()
{
    if (!input_)
        input_.reset(new unsigned char[input_size]);
    if (input_begin_ != 0)
    {
        std::memmove(input_.get(), input_.get() + input_begin_, input_end_ - input_begin_);
        input_end_ -= input_begin_;
        input_begin_ = 0;
    }
    return asio::mutable_buffer(input_.get() + input_end_, input_size - input_end_);
}

void tls_engine::commit_input(std::size_t size) noexcept
{
    input_end_ += size;
}

void tls_engine::release_input() noexcept
{
    if (input_begin_ != input_end_)
        return;
    input_.reset();
    input_begin_ = 0;
    input_end_ = 0;
}

error_code tls_engine::end_of_input() const noexcept
{
    if ((SSL_get_shutdown(tls_.get()) & SSL_RECEIVED_SHUTDOWN) != 0)
        return asio::error::eof;
    return asio::ssl::error::stream_truncated;
}

} // namespace kusto::net
