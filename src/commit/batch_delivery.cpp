#include <commit/batch_delivery.hpp>

#include <algorithm>
#include <array>
#include <async/offload.hpp>
#include <boost/uuid/name_generator_sha1.hpp>
#include <boost/uuid/uuid.hpp>
#include <core/patience.hpp>
#include <ledger/batch_file.hpp>
#include <memory>
#include <optional>
#include <service/ingest_channel.hpp>
#include <utility>

namespace kusto::commit
{

namespace asio = boost::asio;

namespace
{

/// A batch file as the blocks of an upload.
class file_blocks final : public service::block_stream
{
public:
    file_blocks(std::span<std::byte const> bytes, std::size_t block_size)
        : bytes_(bytes),
          block_size_(block_size)
    {
    }

    asio::awaitable<result<bool>> wait_for(std::size_t index) override
    {
        co_return index < (bytes_.size() + block_size_ - 1) / block_size_;
    }

    std::span<std::byte const> block(std::size_t index) const override
    {
        auto const from = index * block_size_;
        return bytes_.subspan(from, (std::min)(block_size_, bytes_.size() - from));
    }

private:
    std::span<std::byte const> bytes_;
    std::size_t block_size_;
};

write_options options_for(write_options const& records, batch_target const& to)
{
    write_options made(records.database(), to.table);
    if (!records.mapping_name().empty())
        made.ingestion_mapping(records.mapping_name(), records.mapping_format());
    if (!to.drop_by.empty())
        made.drop_by_tag(to.drop_by);
    for (auto const& tag : records.drop_by_tags())
        made.drop_by_tag(tag);
    for (auto const& tag : records.additional_tags())
        made.additional_tag(tag);
    made.ingest_by_tag(to.ingest_by).ingest_if_not_exists(to.ingest_by);
    made.flush_immediately(records.flush_immediately()).retry(records.retry());
    made.ingestion_status_timeout(records.ingestion_status_timeout());
    return made.poll_for_ingestion_status(true).verify_table(false);
}

/// One batch on its way, with what is kept from try to try.
class delivery
{
public:
    delivery(commit_context const& context, core::sealed_batch const& batch, base::guid source_id,
             batch_target const& to, ledger::batch_file const& file,
             std::shared_ptr<async::byte_budget> slots)
        : context_(context),
          slots_(std::move(slots)),
          raw_bytes_(batch.raw_bytes),
          identity_(source_id, batch.format),
          channel_(service::make_queued_channel(context.client, options_for(context.records, to))),
          blocks_(file.bytes(), static_cast<std::size_t>(context.records.block_size()))
    {
    }

    [[nodiscard]] asio::awaitable<result<delivery_word>> attempt();

private:
    [[nodiscard]] asio::awaitable<result<service::posted_message>> hand_over();

    commit_context const& context_;
    std::shared_ptr<async::byte_budget> slots_;
    std::uint64_t raw_bytes_;
    service::batch_identity identity_;
    std::shared_ptr<service::ingest_channel> channel_;
    file_blocks blocks_;
    std::optional<service::uploaded_blob> blob_;
};

asio::awaitable<result<service::posted_message>> delivery::hand_over()
{
    auto const slot = co_await slots_->acquire(1);
    if (slot.has_error())
        co_return slot.error();
    if (!blob_ || blob_->usable_until.passed(context_.time().now()))
    {
        auto uploaded = co_await channel_->upload(identity_, blocks_, deadline::never());
        if (uploaded.has_error())
            co_return uploaded.error();
        blob_.emplace(std::move(*uploaded));
        context_.reached("C3.uploaded");
    }
    // Posting twice is harmless: the tag suppresses the second ingestion.
    auto posted = co_await channel_->post(identity_, *blob_, raw_bytes_, deadline::never());
    if (posted.has_value())
        context_.reached("C3.posted");
    co_return posted;
}

asio::awaitable<result<delivery_word>> delivery::attempt()
{
    auto const posted = co_await hand_over();
    if (posted.has_error())
        co_return posted.error();
    auto const end = co_await channel_->confirm(identity_, *posted, deadline::never());
    if (end.has_value())
        co_return delivery_word::ingested;
    co_return end.error();
}

} // namespace

base::guid source_id_of(std::string_view job, std::string_view target, checkpoint_id checkpoint,
                        std::size_t batch, std::uint32_t crc, int attempt)
{
    std::string text = "kusto-wal/";
    text.append(job).append("/").append(target);
    for (auto const number : {std::uint64_t(checkpoint), std::uint64_t(batch), std::uint64_t(crc),
                              std::uint64_t(attempt)})
        text.append("/").append(std::to_string(number));
    boost::uuids::name_generator_sha1 const names(boost::uuids::ns::oid());
    auto const made = names(text);
    std::array<std::uint8_t, 16> bytes{};
    std::copy(made.begin(), made.end(), bytes.begin());
    return base::guid(bytes);
}

asio::awaitable<result<delivery_word>>
deliver_batch(commit_context const& context, core::sealed_batch batch, base::guid source_id,
              batch_target to, std::shared_ptr<async::byte_budget> slots,
              std::function<void(failure const&)> on_trouble)
{
    auto open = [directory = context.options.directory(), batch]
    { return ledger::batch_file::open(directory, batch); };
    auto const file = co_await async::offload(context.files, context.permit, std::move(open));
    if (file.has_error())
        co_return file.error();
    delivery work(context, batch, source_id, to, *file, std::move(slots));
    core::patience patience(context.records.retry(), delivery_guarantee::at_least_once);
    for (;;)
    {
        auto end = co_await work.attempt();
        if (end.has_value())
            co_return *end;
        auto why = end.error();
        auto const again =
            patience.after(why, deadline::never(), context.time().now(), context.random());
        // Closing: nothing more is begun.
        if (why.code() == errc::cancelled)
            co_return why;
        if (!again && why.outcome() == outcome::unknown &&
            why.code() != errc::partially_ingested)
            co_return delivery_word::unknown;
        why.source_id(source_id.to_string());
        if (!again)
            co_return why;
        on_trouble(why);
        context.log().failed(log_level::warning, "a batch of a checkpoint waits for trouble to pass",
                             why, {});
        co_await context.time().wait_until(*again);
    }
}

} // namespace kusto::commit
