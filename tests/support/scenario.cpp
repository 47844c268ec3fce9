#include <support/sweep.hpp>

namespace kusto::test
{

namespace asio = boost::asio;

namespace
{

char const* to_string(disturbance what) noexcept
{
    switch (what)
    {
    case disturbance::none:
        return "undisturbed";
    case disturbance::fail:
        return "fail";
    case disturbance::cancel:
        return "cancel";
    case disturbance::stop:
        return "stop";
    case disturbance::destroy:
        return "destroy";
    }
    return "?";
}

} // namespace

world::world() : context_(std::make_unique<asio::io_context>()) {}

world::~world() = default;

connection_options world::options()
{
    return connection_options(happy_service::cluster,
                              credential::client_secret("0f1e2d3c-0000-1111-2222-333344445555",
                                                        happy_service::client_secret,
                                                        "contoso.com"));
}

void world::watch(std::string name, std::shared_ptr<void const> const& object)
{
    watched_.emplace_back(std::move(name), object);
}

std::string world::leftovers() const
{
    std::string names;
    for (auto const& [name, object] : watched_)
    {
        if (!object.expired())
            names += ' ' + name;
    }
    return names;
}

std::string plan::describe() const
{
    std::string text = to_string(what);
    if (step)
        text += " at step " + std::to_string(*step);
    if (request)
        text += std::string(lasting ? ", from request " : ", request ") +
                std::to_string(*request) + (lasting ? " on: " : ": ") + test::to_string(grief);
    return text;
}

asio::awaitable<std::optional<failure>> scenario::conclusion()
{
    co_return std::nullopt;
}

namespace
{

/// The same for those who issue tokens to hosts and people.
bool issuer_survives(request_kind what, mishap grief)
{
    bool const host = what == request_kind::managed_identity || what == request_kind::arc_challenge;
    switch (grief)
    {
    case mishap::not_sent:
    case mishap::late:
        return what != request_kind::imds_probe;
    case mishap::throttled:
    case mishap::busy:
    case mishap::server_error:
        return true;
    case mishap::answer_lost:
    case mishap::half_done:
        // A device code is good for one token.
        return host || what == request_kind::device_code;
    case mishap::gone:
        return host || what == request_kind::imds_probe;
    case mishap::unauthorized:
    case mishap::forbidden:
    case mishap::conflict:
        return what == request_kind::imds_probe;
    case mishap::renewing:
        return what == request_kind::imds_probe || what == request_kind::managed_identity;
    case mishap::stuck:
    case mishap::garbage:
        break;
    }
    return false;
}

} // namespace

bool scenario::survives(request_kind what, mishap grief) const
{
    if (what >= request_kind::device_code && what <= request_kind::managed_identity)
        return issuer_survives(what, grief);
    bool const storage = what >= request_kind::put_blob && what <= request_kind::put_message;
    bool const message = what == request_kind::put_message;
    bool const once = what == request_kind::command || message;
    switch (grief)
    {
    case mishap::not_sent:
    case mishap::throttled:
        return true;
    case mishap::busy:
        return what != request_kind::command;
    case mishap::answer_lost:
    case mishap::late:
    case mishap::server_error:
    case mishap::half_done:
        return !once;
    case mishap::forbidden:
        return storage;
    case mishap::gone:
        return storage || what == request_kind::metadata;
    case mishap::unauthorized:
        return what >= request_kind::resources && what <= request_kind::query;
    case mishap::stuck:
    case mishap::conflict:
    case mishap::garbage:
    case mishap::renewing:
        break;
    }
    return what == request_kind::table_check;
}

} // namespace kusto::test
