#pragma once

#include <async/transport.hpp>
#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <kusto/deadline.hpp>
#include <kusto/error.hpp>
#include <optional>
#include <service/service_context.hpp>
#include <span>
#include <wire/storage.hpp>

namespace kusto::service
{

/// How a storage request, or a sequence of them, ended: nothing means well.
using storage_outcome = std::optional<wire::storage_failure>;

/// How one storage request ended, and what came back.
class storage_reply
{
public:
    explicit storage_reply(wire::storage_failure why) : failed(std::move(why)) {}
    explicit storage_reply(async::http_response got) : response(std::move(got)) {}

    storage_outcome failed;
    async::http_response response; ///< meaningful if nothing failed
};

/// Sends `request` with the given body and classifies what comes back. `body` may be empty: then
/// the request's own body is sent. A queue message gets at least 30 s for its answer, since a lost
/// one leaves the outcome open.
/// \param unsent  given for a queue message only; see `async::http_request::unsent`
/// Cancellation: terminal.
[[nodiscard]] boost::asio::awaitable<storage_reply>
exchange_storage(service_context const& context, wire::storage_request request,
                 async::http_method method, std::span<std::byte const> body, stage where,
                 deadline until, bool* unsent = nullptr);

} // namespace kusto::service
