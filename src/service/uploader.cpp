#include <service/uploader.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/this_coro.hpp>
#include <core/retry_planner.hpp>
#include <exception>
#include <span>
#include <utility>

namespace kusto::service
{

namespace asio = boost::asio;
using async::http_method;
using wire::storage_action;
using wire::storage_failure;

namespace
{

constexpr std::size_t parallel_blocks = 4;

storage_outcome permanent(failure const& why)
{
    return storage_failure(why, storage_action::permanent);
}

bool may_pass(storage_outcome const& failed)
{
    return failed && failed->action == storage_action::retry;
}

} // namespace

/// Thrown by a worker so that the group cancels the others; never leaves `put_blocks`.
class blob_upload::block_failed : public std::exception
{
};

blob_upload::blob_upload(service_context const& context, base::guid id, block_stream& blocks,
                         retry_options const& retry, deadline until)
    : context_(context),
      id_(id),
      blocks_(blocks),
      retry_(retry),
      until_(until)
{
}

void blob_upload::go_to(base::url blob)
{
    if (blob.without_query() != blob_.without_query())
    {
        acknowledged_.clear();
        tries_.clear();
    }
    blob_ = std::move(blob);
    plan_ = core::block_plan();
    next_ = 0;
    ended_ = false;
    failed_.reset();
}

void blob_upload::fail(storage_outcome why)
{
    if (!failed_)
        failed_ = std::move(why);
    throw block_failed();
}

storage_outcome blob_upload::judge_commit(storage_outcome failed)
{
    if (!failed)
        return failed;
    auto const address = blob_.without_query();
    if (failed->action == storage_action::already_there && maybe_done_.contains(address))
        return std::nullopt;
    if (failed->why.outcome() == outcome::unknown)
        maybe_done_.insert(address);
    if (failed->action == storage_action::restart_upload)
        acknowledged_.clear();
    return failed;
}

asio::awaitable<storage_outcome> blob_upload::put_whole()
{
    auto const id = wire::new_request_id("putBlob");
    auto request = wire::put_blob(blob_, id, context_.time.utc_now());
    auto const body = blocks_.block(0);
    auto sent = exchange_storage(context_, std::move(request), http_method::put, body,
                                 stage::upload, until_);
    auto reply = co_await std::move(sent);
    co_return judge_commit(std::move(reply.failed));
}

asio::awaitable<storage_outcome> blob_upload::put_block(std::size_t index)
{
    auto const id = wire::new_request_id("putBlock");
    auto request = wire::put_block(blob_, wire::block_id(id_, index), id, context_.time.utc_now());
    auto const body = blocks_.block(index);
    auto sent = exchange_storage(context_, std::move(request), http_method::put, body,
                                 stage::upload, until_);
    auto reply = co_await std::move(sent);
    co_return std::move(reply.failed);
}

asio::awaitable<storage_outcome> blob_upload::put_block_patiently(std::size_t index)
{
    core::retry_planner planner(retry_, until_);
    for (;;)
    {
        auto failed = co_await put_block(index);
        ++tries_[index];
        if (!may_pass(failed) || tries_[index] >= retry_.attempts())
            co_return failed;
        auto const next = planner.failed(failed->why, core::remedy::patience, context_.time.now(),
                                         context_.random->next());
        if (!next.retry)
            co_return failed;
        report(failed, next.at);
        co_await context_.time.wait_until(next.at);
    }
}

asio::awaitable<storage_outcome> blob_upload::put_list()
{
    std::vector<std::string> ids;
    ids.reserve(plan_.blocks());
    for (std::size_t i = 0; i < plan_.blocks(); ++i)
        ids.push_back(wire::block_id(id_, i));
    auto const id = wire::new_request_id("putBlockList");
    auto request = wire::put_block_list(blob_, ids, id, context_.time.utc_now());
    auto sent = exchange_storage(context_, std::move(request), http_method::put,
                                 std::span<std::byte const>(), stage::upload, until_);
    auto reply = co_await std::move(sent);
    co_return judge_commit(std::move(reply.failed));
}

asio::awaitable<storage_outcome> blob_upload::put_list_patiently()
{
    core::retry_planner planner(retry_, until_);
    for (;;)
    {
        auto failed = co_await put_list();
        if (!may_pass(failed))
            co_return failed;
        auto const next = planner.failed(failed->why, core::remedy::patience, context_.time.now(),
                                         context_.random->next());
        if (!next.retry)
            co_return failed;
        report(failed, next.at);
        co_await context_.time.wait_until(next.at);
    }
}

/// Takes one block after the other until there are no more.
asio::awaitable<void> blob_upload::put_blocks_in_turn()
{
    while (!ended_)
    {
        auto const index = next_++;
        auto const there = co_await blocks_.wait_for(index);
        if (!there)
            fail(permanent(there.error()));
        if (!*there)
        {
            ended_ = true;
            co_return;
        }
        auto const fits = plan_.add(blocks_.block(index).size());
        if (!fits)
            fail(permanent(fits.error()));
        if (acknowledged_.size() <= index)
            acknowledged_.resize(index + 1);
        if (acknowledged_[index])
            continue;
        if (tries_.size() <= index)
            tries_.resize(index + 1);
        auto failed = co_await put_block_patiently(index);
        if (failed)
            fail(std::move(failed));
        acknowledged_[index] = true;
    }
}

/// Runs the workers until all blocks are there or one of them failed.
asio::awaitable<storage_outcome> blob_upload::put_blocks()
{
    auto const executor = co_await asio::this_coro::executor;
    std::vector<decltype(asio::co_spawn(executor, put_blocks_in_turn(), asio::deferred))> workers;
    for (std::size_t i = 0; i < parallel_blocks; ++i)
        workers.push_back(asio::co_spawn(executor, put_blocks_in_turn(), asio::deferred));
    auto group = asio::experimental::make_parallel_group(std::move(workers));
    auto joined = group.async_wait(asio::experimental::wait_for_one_error(), asio::deferred);
    auto const [order, thrown] = co_await std::move(joined);
    if (failed_)
        co_return failed_;
    for (auto const index : order)
    {
        if (thrown[index])
            std::rethrow_exception(thrown[index]);
    }
    auto failed = co_await put_list_patiently();
    co_return failed;
}

asio::awaitable<upload_attempt> blob_upload::attempt(base::url blob)
{
    go_to(std::move(blob));
    auto const first = co_await blocks_.wait_for(0);
    if (!first)
        co_return upload_attempt(permanent(first.error()));
    if (!*first)
    {
        auto const empty = core::block_plan().end();
        co_return upload_attempt(permanent(empty.error()));
    }
    auto const second = co_await blocks_.wait_for(1);
    if (!second)
        co_return upload_attempt(permanent(second.error()));
    if (!*second)
    {
        auto failed = co_await put_whole();
        co_return upload_attempt(std::move(failed), blocks_.block(0).size());
    }
    auto failed = co_await put_blocks();
    co_return upload_attempt(std::move(failed), plan_.size());
}

void blob_upload::report(storage_outcome const& failed, deadline::time_point again_at) const
{
    auto const wait =
        std::chrono::duration_cast<std::chrono::milliseconds>(again_at - context_.time.now());
    context_.log.failed(log_level::warning, "a block failed; trying again", failed->why,
                        {log_field("wait_ms", std::int64_t(wait.count()))});
}

} // namespace kusto::service
