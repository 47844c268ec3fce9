#pragma once

#include <algorithm>
#include <array>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstddef>
#include <kusto/client.hpp>
#include <kusto/deadline.hpp>
#include <kusto/options.hpp>
#include <kusto/record.hpp>
#include <kusto/statistics.hpp>
#include <memory>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>

namespace kusto
{

/// What is waited for when a sink is asked whether records arrived.
enum class acknowledgement
{
    queued,   ///< blob uploaded and queue message taken: the service will ingest it
    ingested, ///< in the table; needs `poll_for_ingestion_status`
};

namespace detail
{

class sink_state;

// g++ 11 and 12 destroy an aggregate temporary twice when it stands in a co_await expression.
#if defined(__GNUC__) && !defined(__clang__) && __GNUC__ < 13
inline constexpr bool aggregate_temporaries_are_safe = false;
#else
inline constexpr bool aggregate_temporaries_are_safe = true;
#endif

/// `R` is what a forwarding reference deduced: not a reference means the argument is a temporary.
template <class R>
inline constexpr bool safe_in_co_await =
    aggregate_temporaries_are_safe || std::is_lvalue_reference_v<R> ||
    !std::is_aggregate_v<std::remove_cvref_t<R>> ||
    std::is_trivially_destructible_v<std::remove_cvref_t<R>>;

constexpr std::size_t any_writer = static_cast<std::size_t>(-1);

/// The calling thread's buffer, empty.
[[nodiscard]] record_buffer& scratch_buffer();

/// A record on its way into a chunk. Its text is the caller's own, if it was encoded already, or
/// the calling thread's buffer.
class encoded_record
{
public:
    encoded_record() = default;
    encoded_record(std::string_view text, data_format format, bool lacks_line_end) noexcept
        : text_(text),
          format_(format),
          lacks_line_end_(lacks_line_end)
    {
    }

    [[nodiscard]] std::string_view text() const noexcept { return text_; }
    [[nodiscard]] data_format format() const noexcept { return format_; }
    [[nodiscard]] bool lacks_line_end() const noexcept { return lacks_line_end_; }
    /// With the line end.
    [[nodiscard]] std::size_t size() const noexcept
    {
        return text_.size() + (lacks_line_end_ ? 1 : 0);
    }

private:
    std::string_view text_;
    data_format format_ = data_format::csv;
    bool lacks_line_end_ = false;
};

/// Lines are checked and left where they are; all else is encoded at the end of `buffer`.
template <class R>
encoded_record encode_for_sink(R const& value, record_buffer& buffer)
{
    constexpr auto shape = shape_of<R>();
    if constexpr (is_line(shape))
        return encoded_record(check_line(value), format_of(shape), true);
    else
    {
        auto const begin = buffer.size();
        auto const format = encode_record(value, buffer);
        return encoded_record(buffer.view().substr(begin), format, false);
    }
}

void note_encoding(sink_state& state, std::chrono::steady_clock::duration took) noexcept;

/// Encodes, and measures how long that takes for one record in 64: reading the clock twice would
/// cost as much as a small record.
template <class R>
encoded_record encode_measured(sink_state& state, R const& value, record_buffer& buffer)
{
    static thread_local unsigned countdown = 0;
    if (countdown-- != 0)
        return encode_for_sink(value, buffer);
    countdown = 63;
    auto const start = std::chrono::steady_clock::now();
    auto const encoded = encode_for_sink(value, buffer);
    note_encoding(state, std::chrono::steady_clock::now() - start);
    return encoded;
}

/// The records that the sink takes under one pass of a writer's gate: as many as are copied in a
/// microsecond or so.
class record_group
{
public:
    static constexpr std::size_t most_records = 64;
    static constexpr std::size_t most_bytes = 16384;

    [[nodiscard]] std::span<encoded_record const> records() const noexcept
    {
        return {records_.data(), count_};
    }

    /// Takes records from the beginning of `from` until the group is full or one cannot be encoded.
    /// \throws error if that is the first one
    template <class R>
    void fill(sink_state& state, std::span<R const> from)
    {
        auto& buffer = scratch_buffer();
        count_ = 0;
        for (std::size_t bytes = 0;
             count_ != (std::min)(from.size(), most_records) && bytes < most_bytes; ++count_)
        {
            try
            {
                records_[count_] = encode_measured(state, from[count_], buffer);
            }
            catch (...)
            {
                // Those before it go first; then it is the first one.
                if (count_ == 0)
                    throw;
                break;
            }
            bytes += records_[count_].size();
        }
        if constexpr (!is_line(shape_of<R>()))
            locate(buffer.view());
    }

private:
    /// The buffer may have moved while it grew.
    void locate(std::string_view encoded) noexcept;

    std::array<encoded_record, most_records> records_;
    std::size_t count_ = 0;
};

[[nodiscard]] boost::asio::awaitable<void> write_encoded(std::shared_ptr<sink_state> const& state,
                                                         std::size_t writer,
                                                         encoded_record const& record);
[[nodiscard]] bool try_write_encoded(sink_state& state, std::size_t writer,
                                     encoded_record const& record);
/// \returns how many of the group's first records were accepted
/// \throws error if the first one is refused for good, or the sink is closed or stopped
[[nodiscard]] std::size_t try_write_group(sink_state& state, std::size_t writer,
                                          record_group const& group);
/// For a record that found no room a moment ago.
[[nodiscard]] boost::asio::awaitable<void>
write_waiting(std::shared_ptr<sink_state> const& state, std::size_t writer,
              encoded_record const& record);
[[nodiscard]] boost::asio::awaitable<void> written_already();
void note_no_room(sink_state& state);

/// Takes from `rest` what is accepted. \returns whether everything was; false: there is no room
template <class R>
bool try_write_all(sink_state& state, std::size_t writer, std::span<R const>& rest)
{
    record_group group;
    while (!rest.empty())
    {
        group.fill(state, rest);
        auto const accepted = try_write_group(state, writer, group);
        if (accepted == 0)
            return false;
        rest = rest.subspan(accepted);
    }
    return true;
}

template <class R>
boost::asio::awaitable<void> write_rest(std::shared_ptr<sink_state> state, std::size_t writer,
                                        std::span<R const>& rest)
{
    for (bool done = false; !done;)
    {
        auto const first = encode_measured(*state, rest.front(), scratch_buffer());
        auto one = write_waiting(state, writer, first);
        co_await std::move(one);
        rest = rest.subspan(1);
        done = try_write_all(*state, writer, rest);
    }
}

/// Where records go in: a sink, or one of its writers.
class record_port
{
public:
    /// Writes one record, which is encoded before the call returns and need not outlive it.
    ///
    /// With room in the byte budget the record is accepted at once and the result is ready; or else
    /// it is accepted when the awaited operation completes.
    ///
    /// \par Errors
    /// `errc::invalid_record`, `errc::invalid_utf8`, `errc::record_too_large` (only this record is
    /// refused); `errc::sink_stopped`, `errc::closed`; of a write-ahead sink also
    /// `errc::backlog_full` (make a checkpoint, then write the record again).
    /// \par Cancellation
    /// Terminal. A write that is cancelled while it waits was not accepted. (A coroutine that was
    /// cancelled *before* it calls `write` is thrown out of its `co_await` by Asio, after the
    /// record was accepted.)
    /// \par Memory
    /// Nothing is allocated and no mutex is taken, but a few times for each chunk (16 to 256 KiB). A
    /// writer is entered through an atomic flag, held for the length of a copy; a busy writer is
    /// passed by for the next one. A write that waits keeps a copy of its record, which is not part
    /// of the byte budget.
    /// \par Example
    /// \code
    /// auto const r = trade{"MSFT", 412.5};   // name it first: see the README on g++ 12
    /// co_await sink.write(r);
    /// \endcode
    template <class R>
    requires record<std::remove_cvref_t<R>>
    [[nodiscard]] boost::asio::awaitable<void> write(R&& value)
    {
        static_assert(safe_in_co_await<R>,
                      "name the record first: this compiler corrupts memory when an aggregate "
                      "temporary stands in a co_await expression. Write "
                      "`auto const r = my_record{...}; co_await sink.write(r);`");
        return write_encoded(state_, writer_, encode_measured(*state_, value, scratch_buffer()));
    }

    /// Writes one record if there is room in the byte budget now.
    /// \returns false when there is not; the record was then not accepted
    /// \throws as `write`
    template <class R>
    requires record<std::remove_cvref_t<R>>
    [[nodiscard]] bool try_write(R const& value)
    {
        return try_write_encoded(*state_, writer_,
                                 encode_measured(*state_, value, scratch_buffer()));
    }

    /// Writes the records of `rest` in order, and takes each from the beginning of `rest` when it
    /// is accepted. Costs less than writing them one by one; batches end where they would then.
    ///
    /// So `rest` tells what was not accepted, in every case, also after an exception: when a record
    /// is refused, `rest` begins with it, and those before it were accepted. To skip it go on with
    /// `rest.subspan(1)`.
    ///
    /// With several writers the records of one call may go to more than one.
    ///
    /// \par Errors, cancellation, memory
    /// As `write` of one record. Cancelled while it waits, it leaves in `rest` what was not
    /// accepted.
    /// \par Object lifetimes
    /// `rest` and the records must live until the operation completes.
    /// \par Example
    /// \code
    /// std::span<trade const> rest = trades;
    /// co_await sink.write(rest);
    /// \endcode
    template <record R>
    [[nodiscard]] boost::asio::awaitable<void> write(std::span<R const>& rest)
    {
        if (try_write_all(*state_, writer_, rest))
            return written_already();
        return write_rest(state_, writer_, rest);
    }

    /// As `write` of a span, while there is room in the byte budget now.
    /// \returns false when there is none for what is left in `rest`
    /// \throws as `write`
    template <record R>
    [[nodiscard]] bool try_write(std::span<R const>& rest)
    {
        bool const all = try_write_all(*state_, writer_, rest);
        if (!all)
            note_no_room(*state_);
        return all;
    }

protected:
    record_port(std::shared_ptr<sink_state> state, std::size_t writer)
        : state_(std::move(state)),
          writer_(writer)
    {
    }
    record_port(record_port const&) = default;
    record_port(record_port&&) noexcept = default;
    record_port& operator=(record_port const&) = default;
    record_port& operator=(record_port&&) noexcept = default;
    ~record_port() = default;

    [[nodiscard]] std::shared_ptr<sink_state> const& state() const noexcept { return state_; }
    [[nodiscard]] std::size_t writer_index() const noexcept { return writer_; }
    void move_state_from(record_port& other) noexcept { state_ = std::move(other.state_); }

private:
    std::shared_ptr<sink_state> state_;
    std::size_t writer_ = any_writer;
};

} // namespace detail

class batching_sink;
class write_ahead_sink;

/// One of a sink's writers. A cheap handle.
///
/// A producer that keeps to its own writer never contends with another producer.
class sink_writer : public detail::record_port
{
public:
    /// Completes when everything this writer accepted before the call has reached `level`, or has
    /// failed. Does not seal the open batch: that may take until `batch_interval`.
    ///
    /// \returns what became of everything the sink accepted so far
    /// \par Errors, cancellation
    /// As `batching_sink::flush`. Of a write-ahead sink `queued` means: in a batch file on the
    /// local disk.
    [[nodiscard]] boost::asio::awaitable<delivery_report>
    acknowledged(acknowledgement level = acknowledgement::queued,
                 deadline until = deadline::after(std::chrono::minutes(10)));

private:
    friend class batching_sink;
    friend class write_ahead_sink;
    sink_writer(std::shared_ptr<detail::sink_state> state, std::size_t index)
        : record_port(std::move(state), index)
    {
    }
};

/// At-least-once sink: records are batched, compressed, uploaded and handed to the service's queue.
///
/// Records go to `parallelism` writers. Each has its own strand, its own open batch and its own
/// compressor; a batch is sealed by record count, by bytes, by age, or by `flush` and `close`.
/// Everything buffered or in flight counts against one byte budget.
///
/// Trouble that may pass (network, throttling, 5xx, expired signatures) makes a batch wait and try
/// again until it is delivered, with guarantee `at_least_once`: the byte budget fills, `write`
/// waits, and `statistics().oldest_unacknowledged` grows. Of a batch that was refused for good
/// `on_permanent_failure` decides; by default the sink stops: further writes throw
/// `errc::sink_stopped` that carries the failure, batches already sealed are still delivered, and
/// `close` reports the rest. With guarantee `none` failures are only counted.
///
/// \par Executor
/// Writers run on strands of the executor given at construction, which may belong to an
/// `io_context` run by one or many threads or to a `thread_pool`. Operations complete on the
/// caller's executor. Compression runs on the sink's own pool.
///
/// \par Object lifetimes
/// The executor's context must outlive the sink or be stopped before the sink is destroyed. The
/// destructor never blocks on the network: what was not delivered is given up. Call `close`.
///
/// \par Thread safety
/// All member functions may be called from any thread at any time.
class batching_sink : public detail::record_port
{
public:
    /// \throws options_error listing everything that is wrong with `connection` and `options`
    batching_sink(boost::asio::any_io_executor executor, connection_options connection,
                  write_options options);

    /// Shares the client's connections, tokens and resources. \throws options_error
    batching_sink(client service, write_options options);

    /// For the library's own tests.
    explicit batching_sink(std::shared_ptr<detail::sink_state> state);

    batching_sink(batching_sink&&) noexcept;
    batching_sink& operator=(batching_sink&&) noexcept;
    batching_sink(batching_sink const&) = delete;
    batching_sink& operator=(batching_sink const&) = delete;
    ~batching_sink();

    /// Number of writers.
    [[nodiscard]] std::size_t parallelism() const noexcept;

    /// The writer with the given index. \throws std::out_of_range if `index >= parallelism()`
    [[nodiscard]] sink_writer writer(std::size_t index);

    /// Seals the open batches and completes when everything accepted before the call has reached
    /// `level`, or has failed.
    ///
    /// \returns what became of everything accepted so far
    /// \par Errors
    /// With guarantee `at_least_once`: the failure of the first batch, of all there were, that was
    /// neither delivered nor dead-lettered nor handed over. `errc::timed_out` at the deadline, with the trouble that
    /// batches wait for; delivery goes on. `errc::invalid_option` for `ingested` without
    /// `poll_for_ingestion_status`.
    /// \par Cancellation
    /// Cancels the wait only.
    [[nodiscard]] boost::asio::awaitable<delivery_report>
    flush(acknowledgement level, deadline until = deadline::after(std::chrono::minutes(10)));

    /// `flush(acknowledgement::queued, until)`
    [[nodiscard]] boost::asio::awaitable<delivery_report>
    flush(deadline until = deadline::after(std::chrono::minutes(10)));

    /// Refuses further records, delivers what was accepted, and stops.
    ///
    /// Completes when everything is resolved (with `poll_for_ingestion_status`: ingested) or at the
    /// deadline; what is not delivered by then is given up and reported as failed or unknown, and
    /// neither handed over nor dead-lettered. With `poll_for_ingestion_status` allow more time than
    /// the table's batching takes. Never throws for a failed delivery: read the report. May be called
    /// repeatedly and from several coroutines; all get the same report.
    /// \par Cancellation
    /// Cancels the wait only; draining goes on to the deadline.
    [[nodiscard]] boost::asio::awaitable<delivery_report>
    close(deadline until = deadline::after(std::chrono::minutes(10)));

    /// A consistent snapshot.
    [[nodiscard]] sink_statistics statistics() const;

    [[nodiscard]] write_options const& options() const noexcept;
};

} // namespace kusto
