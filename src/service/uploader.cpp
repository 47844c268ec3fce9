#include <service/uploader.hpp>

#include <async/cancellation.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/this_coro.hpp>
#include <core/block_plan.hpp>
#include <exception>
#include <utility>
#include <vector>

namespace kusto::service
{

namespace asio = boost::asio;
using wire::storage_action;
using wire::storage_failure;

namespace
{

constexpr std::size_t parallel_blocks = 4;

/// A network failure says nothing against the bytes, only against the way to this account: a name
/// that does not resolve or a certificate that is refused may be this account's alone.
storage_failure network_failure(failure const& why)
{
    bool const ours = why.code() == errc::invalid_option || why.code() == errc::invalid_url;
    return storage_failure(why, ours ? storage_action::permanent : storage_action::switch_account);
}

storage_outcome permanent(failure const& why)
{
    return storage_failure(why, storage_action::permanent);
}

/// Thrown by a worker so that the group cancels the others; never leaves `put_blocks`.
class attempt_failed : public std::exception
{
};

/// What the workers of one block upload share. All run on one strand.
class block_upload
{
public:
    block_upload(service_context const& context_, base::url blob_, base::guid id_,
                 block_stream& blocks_, deadline until_)
        : context(context_),
          blob(std::move(blob_)),
          id(id_),
          blocks(blocks_),
          until(until_)
    {
    }

    service_context const& context;
    base::url blob;
    base::guid id;
    block_stream& blocks;
    deadline until;
    core::block_plan plan;
    std::size_t next = 0;
    bool ended = false;
    storage_outcome failed;

    [[noreturn]] void fail(storage_outcome why)
    {
        if (!failed)
            failed = std::move(why);
        throw attempt_failed();
    }
};

asio::awaitable<storage_outcome> put_whole(block_upload& work)
{
    auto const id = wire::new_request_id("putBlob");
    auto request = wire::put_blob(work.blob, id, work.context.time.utc_now());
    auto const body = work.blocks.block(0);
    auto sent = exchange(work.context, std::move(request), async::http_method::put, body,
                         stage::upload, work.until);
    auto outcome = co_await std::move(sent);
    co_return outcome;
}

asio::awaitable<storage_outcome> put_one(block_upload& work, std::size_t index)
{
    auto const id = wire::new_request_id("putBlock");
    auto request =
        wire::put_block(work.blob, wire::block_id(work.id, index), id, work.context.time.utc_now());
    auto const body = work.blocks.block(index);
    auto sent = exchange(work.context, std::move(request), async::http_method::put, body,
                         stage::upload, work.until);
    auto outcome = co_await std::move(sent);
    co_return outcome;
}

asio::awaitable<storage_outcome> put_list(block_upload& work)
{
    std::vector<std::string> ids;
    ids.reserve(work.plan.blocks());
    for (std::size_t i = 0; i < work.plan.blocks(); ++i)
        ids.push_back(wire::block_id(work.id, i));
    auto const id = wire::new_request_id("putBlockList");
    auto request = wire::put_block_list(work.blob, ids, id, work.context.time.utc_now());
    auto sent = exchange(work.context, std::move(request), async::http_method::put,
                         std::span<std::byte const>(), stage::upload, work.until);
    auto outcome = co_await std::move(sent);
    co_return outcome;
}

/// Takes one block after the other until there are no more.
asio::awaitable<void> put_blocks_in_turn(block_upload& work)
{
    while (!work.ended)
    {
        auto const index = work.next++;
        auto const there = co_await work.blocks.wait_for(index);
        if (!there)
            work.fail(permanent(there.error()));
        if (!*there)
        {
            work.ended = true;
            co_return;
        }
        auto const fits = work.plan.add(work.blocks.block(index).size());
        if (!fits)
            work.fail(permanent(fits.error()));
        auto failed = co_await put_one(work, index);
        if (failed)
            work.fail(std::move(failed));
    }
}

/// Runs the workers until all blocks are there or one of them failed.
asio::awaitable<void> put_blocks(block_upload& work)
{
    auto const executor = co_await asio::this_coro::executor;
    std::vector<decltype(asio::co_spawn(executor, put_blocks_in_turn(work), asio::deferred))>
        workers;
    for (std::size_t i = 0; i < parallel_blocks; ++i)
        workers.push_back(asio::co_spawn(executor, put_blocks_in_turn(work), asio::deferred));
    auto group = asio::experimental::make_parallel_group(std::move(workers));
    auto joined = group.async_wait(asio::experimental::wait_for_one_error(), asio::deferred);
    auto const [order, thrown] = co_await std::move(joined);
    if (work.failed)
        co_return;
    for (auto const index : order)
    {
        if (thrown[index])
            std::rethrow_exception(thrown[index]);
    }
}

} // namespace

asio::awaitable<storage_outcome> exchange(service_context const& context,
                                          wire::storage_request request, async::http_method method,
                                          std::span<std::byte const> body, stage where,
                                          deadline until)
{
    async::http_request message(method, std::move(request.target));
    message.headers = std::move(request.headers);
    message.body = std::move(request.body);
    if (!body.empty())
        message.body_parts.push_back(body);
    message.where = where;
    message.replayable = where != stage::post;
    auto const target = message.target;
    std::string id(wire::find_header(message.headers, "x-ms-client-request-id"));
    auto const limit =
        context.request_deadline(body.empty() ? message.body.size() : body.size(), until);

    auto const got = co_await context.transport->send(std::move(message), limit);
    if (!got)
        co_return network_failure(got.error());
    auto const reply = view(*got, target, std::move(id), where);
    if (reply.ok())
        co_return std::nullopt;
    co_return wire::parse_storage_error(reply);
}

asio::awaitable<upload_attempt> upload_once(service_context const& context, base::url blob,
                                            base::guid upload, block_stream& blocks, deadline until)
{
    block_upload work(context, std::move(blob), upload, blocks, until);
    auto const first = co_await blocks.wait_for(0);
    if (!first)
        co_return upload_attempt(permanent(first.error()));
    if (!*first)
    {
        auto const empty = core::block_plan().end();
        co_return upload_attempt(permanent(empty.error()));
    }
    auto const second = co_await blocks.wait_for(1);
    if (!second)
        co_return upload_attempt(permanent(second.error()));

    storage_outcome failed;
    std::uint64_t size = blocks.block(0).size();
    if (!*second)
    {
        failed = co_await put_whole(work);
    }
    else
    {
        co_await put_blocks(work);
        failed = std::move(work.failed);
        size = work.plan.size();
        if (!failed)
            failed = co_await put_list(work);
    }
    co_return upload_attempt(std::move(failed), size);
}

} // namespace kusto::service
