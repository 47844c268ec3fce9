#pragma once

#include <async/byte_budget.hpp>
#include <base/guid.hpp>
#include <boost/asio/awaitable.hpp>
#include <commit/commit_context.hpp>
#include <core/checkpoint.hpp>
#include <cstddef>
#include <kusto/error.hpp>
#include <kusto/options.hpp>
#include <memory>
#include <string>
#include <string_view>

namespace kusto::commit
{

/// Identity of a batch in one attempt. `job` names the ledger too, `target` the database.
/// The same in every repetition of the attempt, so that blob, message and
/// status are recognised; another one in the next attempt, so that what the service says late about the
/// earlier one is not taken for news.
[[nodiscard]] base::guid source_id_of(std::string_view job, std::string_view target,
                                      checkpoint_id checkpoint, std::size_t batch,
                                      std::uint32_t crc, int attempt);

/// Where a batch goes, and with which marks.
class batch_target
{
public:
    std::string table;
    std::string drop_by;   ///< tag without prefix; may be empty
    std::string ingest_by; ///< tag without prefix, which also suppresses repetitions
};

/// What is known of a batch that was handed to the service.
enum class delivery_word
{
    ingested, ///< the service says so
    unknown,  ///< it may have arrived; the table knows
};

/// Uploads one batch file and has it ingested into `to`; waits for its status.
///
/// Trouble that may pass is waited out, `on_trouble` hears of it.
/// \param slots  one of these is held while it uploads and posts, and none while it waits for its status
/// Errors: the service refused the batch for good (`errc::ingestion_failed`, ...), `errc::ledger_damaged`.
/// Cancellation: terminal.
[[nodiscard]] boost::asio::awaitable<result<delivery_word>>
deliver_batch(commit_context const& context, core::sealed_batch batch, base::guid source_id,
              batch_target to, std::shared_ptr<async::byte_budget> slots,
              std::function<void(failure const&)> on_trouble);

} // namespace kusto::commit
