// The way of one batch into the service. The only file here that calls `ingest_channel` itself.
#include "all_sweeps.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <service/client_state.hpp>
#include <support/run.hpp>

namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace kusto::test
{

namespace
{

using outcome_of = std::optional<failure>;

std::string const records = "1,one\n2,two\n3,three\n4,four\n5,five\n6,six\n";

/// A gzip member in blocks that appear one turn after they are waited for.
class turn_by_turn final : public service::block_stream
{
public:
    explicit turn_by_turn(std::size_t blocks)
    {
        auto const whole = gzip(records);
        auto const size = whole.size() / blocks + 1;
        for (std::size_t at = 0; at < whole.size(); at += size)
            blocks_.push_back(whole.substr(at, size));
    }

    asio::awaitable<result<bool>> wait_for(std::size_t index) override
    {
        co_await asio::post(asio::use_awaitable);
        co_return index < blocks_.size();
    }
    std::span<std::byte const> block(std::size_t index) const override
    {
        auto const& text = blocks_.at(index);
        return std::as_bytes(std::span(text.data(), text.size()));
    }
    [[nodiscard]] std::size_t size() const noexcept { return blocks_.size(); }

private:
    std::vector<std::string> blocks_;
};

/// Channel, blocks and identity of one batch.
class cargo
{
public:
    cargo(std::shared_ptr<service::ingest_channel> channel_, std::size_t count)
        : channel(std::move(channel_)),
          blocks(count),
          identity(base::guid::random(), data_format::csv)
    {
    }

    std::shared_ptr<service::ingest_channel> channel;
    turn_by_turn blocks;
    service::batch_identity identity;
    std::optional<service::uploaded_blob> uploaded;
};

using cargo_ptr = std::shared_ptr<cargo>;

asio::awaitable<outcome_of> upload(cargo_ptr what, deadline until)
{
    auto done = co_await what->channel->upload(what->identity, what->blocks, until);
    if (!done)
        co_return done.error();
    what->uploaded = std::move(*done);
    co_return std::nullopt;
}

asio::awaitable<outcome_of> post(cargo_ptr what, deadline until)
{
    auto const done =
        co_await what->channel->post(what->identity, *what->uploaded, records.size(), until);
    if (!done)
        co_return done.error();
    co_return std::nullopt;
}

asio::awaitable<outcome_of> deliver(cargo_ptr what, deadline until)
{
    auto failed = co_await upload(what, until);
    if (failed)
        co_return failed;
    auto end = co_await post(what, until);
    co_return end;
}

/// Statuses are asked for.
asio::awaitable<outcome_of> deliver_and_confirm(cargo_ptr what, deadline until)
{
    auto failed = co_await upload(what, until);
    if (failed)
        co_return failed;
    auto const done =
        co_await what->channel->post(what->identity, *what->uploaded, records.size(), until);
    if (!done)
        co_return done.error();
    auto const end = co_await what->channel->confirm(what->identity, *done, until);
    if (!end)
        co_return end.error();
    co_return std::nullopt;
}

using function = asio::awaitable<outcome_of> (*)(cargo_ptr, deadline);

/// What the operation is, what was done before, how many blocks there are.
struct course_of_batch
{
    function what;
    function before = nullptr;
    std::size_t blocks = 1;
    bool verified = false;
    bool polling = false;
};

class channel_scenario final : public scenario
{
public:
    channel_scenario(world& where, course_of_batch course)
        : world_(where),
          course_(course),
          client_(kusto::detail::client_state::make(where.executor(), world::options(), where.service,
                                             where.time)
                      .value())
    {
        write_options options("db", "t");
        options.verify_table(course.verified).poll_for_ingestion_status(course.polling);
        cargo_ = std::make_shared<cargo>(service::make_queued_channel(client_, options),
                                         course.blocks);
        where.watch("the client", client_);
        where.watch("the channel", cargo_->channel);
        if (course.before == nullptr)
            return;
        auto const failed =
            test::run(where.context(), where.time, course.before(cargo_, where.in(600s)));
        if (failed)
            throw error(*failed);
    }

    asio::awaitable<outcome_of> operation() override
    {
        return course_.what(cargo_, world_.in(600s));
    }
    void stop() override { client_->stop(); }
    std::string check(ending const& end, plan const& what) override;

private:
    world& world_;
    course_of_batch course_;
    std::shared_ptr<kusto::detail::client_state> client_;
    cargo_ptr cargo_;
};

bool is_ambiguous(plan const& what)
{
    return what.request && (what.grief == mishap::answer_lost || what.grief == mishap::half_done ||
                            what.grief == mishap::late || what.grief == mishap::server_error);
}

std::string channel_scenario::check(ending const& end, plan const& what)
{
    auto& storage = world_.service->storage();
    auto const& posts = storage.posts();
    if (course_.what == upload)
        return end.good() && storage.blobs() == 0 ? "succeeded without a blob" : "";
    if (end.good() && posts.empty())
        return "succeeded without a message";
    if (end.failed && end.failed->outcome() == outcome::failed && !posts.empty())
        return "a message was taken and is said to have failed: " + end.failed->describe();
    if (posts.size() > 1 && !is_ambiguous(what))
        return "posted twice without need";
    for (auto const& one : posts)
    {
        if (one.text != records)
            return "other records arrived";
    }
    return std::string();
}

} // namespace

BOOST_AUTO_TEST_SUITE(channel_sweeps)

BOOST_AUTO_TEST_CASE(upload_of_one_block)
{
    check_all(sweep_of<channel_scenario>("upload", course_of_batch{upload}));
}

BOOST_AUTO_TEST_CASE(upload_of_several_blocks)
{
    check_all(sweep_of<channel_scenario>("upload of blocks", course_of_batch{upload, upload, 7}));
}

BOOST_AUTO_TEST_CASE(upload_through_a_channel_that_verifies_the_table)
{
    check_all(
        sweep_of<channel_scenario>("verified upload", course_of_batch{upload, nullptr, 1, true}));
}

BOOST_AUTO_TEST_CASE(post_)
{
    check_all(sweep_of<channel_scenario>("post", course_of_batch{post, upload}));
}

BOOST_AUTO_TEST_CASE(upload_and_post)
{
    check_all(sweep_of<channel_scenario>("delivery", course_of_batch{deliver, nullptr, 3, true}));
}

BOOST_AUTO_TEST_CASE(upload_post_and_status)
{
    check_all(sweep_of<channel_scenario>(
        "confirmed delivery", course_of_batch{deliver_and_confirm, nullptr, 1, false, true}));
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace kusto::test
