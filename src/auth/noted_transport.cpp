#include <auth/noted_transport.hpp>

#include <utility>

namespace kusto::auth
{

namespace
{

class noted_transport final : public async::transport
{
public:
    noted_transport(std::shared_ptr<async::transport> inner, std::shared_ptr<peer_note> note)
        : inner_(std::move(inner)),
          note_(std::move(note))
    {
    }

    boost::asio::awaitable<result<async::http_response>> send(async::http_request request,
                                                              deadline until) override
    {
        note_->write(request.target.authority());
        return inner_->send(std::move(request), until);
    }

    void shutdown() noexcept override { inner_->shutdown(); }

private:
    std::shared_ptr<async::transport> inner_;
    std::shared_ptr<peer_note> note_;
};

} // namespace

void peer_note::write(std::string host)
{
    std::lock_guard const lock(mutex_);
    host_ = std::move(host);
}

void peer_note::clear()
{
    write(std::string());
}

std::string peer_note::read() const
{
    std::lock_guard const lock(mutex_);
    return host_;
}

std::shared_ptr<async::transport> make_noted_transport(std::shared_ptr<async::transport> inner,
                                                       std::shared_ptr<peer_note> note)
{
    return std::make_shared<noted_transport>(std::move(inner), std::move(note));
}

} // namespace kusto::auth
