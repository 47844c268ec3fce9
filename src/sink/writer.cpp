#include <sink/writer.hpp>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <sink/sink_state.hpp>
#include <utility>

namespace kusto::sink
{

namespace asio = boost::asio;

writer::writer(detail::sink_state& owner, std::size_t index, asio::any_io_executor executor)
    : owner_(owner),
      index_(index),
      accumulator_(owner.limits()),
      strand_(asio::make_strand(std::move(executor))),
      interval_(strand_),
      uploads_(std::make_shared<async::byte_budget>(owner.options().uploads_in_flight())),
      posts_(std::make_shared<async::byte_budget>(owner.options().uploads_in_flight()))
{
}

append_status writer::try_append(std::span<detail::encoded_record const> records,
                                 std::size_t& done, spare& with)
{
    std::unique_lock lock(gate_, std::try_to_lock);
    if (!lock.owns_lock())
        return append_status::busy;
    // Under the gate: once `close` has passed through it, nothing is accepted any more.
    if (!owner_.accepting())
        return append_status::refused;
    auto status = append_status::accepted;
    for (; done != records.size(); ++done)
    {
        status = append_locked(records[done], with);
        if (status != append_status::accepted)
            break;
    }
    bool const wake = take_wake_up();
    lock.unlock();
    if (wake)
        wake_strand();
    return status;
}

append_status writer::append_locked(detail::encoded_record const& record, spare& with)
{
    auto const size = record.size();
    auto const format = record.format();
    if (auto const why = accumulator_.before(size, format))
        seal_locked(*why);
    if ((!open_ || open_->current.room() < size) && !make_room(size, format, with))
        return append_status::need_chunk;
    open_->current.append(record.text());
    if (record.lacks_line_end())
        open_->current.append("\n");
    ++accepted_.records;
    accepted_.bytes += size;
    if (auto const why = accumulator_.add(size, format, open_->opened))
        seal_locked(*why);
    return append_status::accepted;
}

bool writer::make_room(std::size_t size, data_format format, spare& with)
{
    bool const batch_wanted = !open_ && (!with.next || with.next->format != format);
    if (with.memory.room() < size || batch_wanted)
    {
        with.batch_wanted = batch_wanted;
        auto const useful = (std::min<std::uint64_t>)(owner_.chunk_size(),
                                                      accumulator_.expected_room(size));
        with.wanted = (std::max)(
            size, (std::min)(owner_.chunk_size(),
                             rounded_capacity(static_cast<std::size_t>(useful))));
        return false;
    }
    if (!open_)
    {
        open_ = std::move(with.next);
        open_->number = ++last_number_;
        unresolved_.emplace_hint(unresolved_.end(), open_->number, open_->opened);
        fresh_.push_back(open_);
        ++accepted_.blobs;
    }
    if (!open_->current.empty())
        hand_to_compression();
    open_->current = with.memory.take();
    wake_ = true;
    return true;
}

void writer::seal_locked(core::seal_reason why)
{
    open_->counts.records = accumulator_.records();
    open_->counts.bytes = accumulator_.bytes();
    open_->counts.blobs = 1;
    hand_to_compression();
    open_->sealed = true;
    open_->sealed_at = std::chrono::steady_clock::now();
    open_.reset();
    accumulator_.seal();
    ++seals_[static_cast<std::size_t>(why)];
    owner_.note_sealed();
    wake_ = true;
}

void writer::hand_to_compression()
{
    open_->full.push_back(open_->current.take());
    if (fed_.empty() || fed_.back() != open_)
        fed_.push_back(open_);
}

bool writer::take_wake_up() noexcept
{
    if (!std::exchange(wake_, false) || woken_)
        return false;
    woken_ = true;
    return true;
}

void writer::wake_strand()
{
    asio::post(strand_, [this, state = owner_.shared_from_this()] { on_wake_up(state); });
}

std::uint64_t writer::seal_entered(core::seal_reason why)
{
    if (open_)
        seal_locked(why);
    return last_number_;
}

void writer::wake_if_needed()
{
    std::unique_lock lock(gate_);
    bool const wake = take_wake_up();
    lock.unlock();
    if (wake)
        wake_strand();
}

std::uint64_t writer::seal(core::seal_reason why)
{
    std::unique_lock lock(gate_);
    auto const last = seal_entered(why);
    lock.unlock();
    wake_if_needed();
    return last;
}

void writer::seal_if_open(batch const& which, core::seal_reason why)
{
    std::unique_lock lock(gate_);
    if (open_.get() != &which)
        return;
    seal_locked(why);
    bool const wake = take_wake_up();
    lock.unlock();
    if (wake)
        wake_strand();
}

delivery_counts writer::accepted()
{
    std::lock_guard const lock(gate_);
    return accepted_;
}

void writer::add_seal_counts(core::seal_counts& to)
{
    std::lock_guard const lock(gate_);
    for (std::size_t i = 0; i < to.size(); ++i)
        to[i] += seals_[i];
}

std::uint64_t writer::last_number()
{
    std::lock_guard const lock(gate_);
    return last_number_;
}

std::chrono::steady_clock::time_point writer::oldest()
{
    std::lock_guard const lock(gate_);
    // Batches are opened in the order of their numbers.
    return unresolved_.empty() ? std::chrono::steady_clock::time_point::max()
                               : unresolved_.begin()->second;
}

void writer::give_up()
{
    // Weak: if nothing else holds the state, there is nothing to give up.
    asio::post(strand_,
               [this, weak = owner_.weak_from_this()]
               {
                   if (auto const state = weak.lock())
                       give_up_all();
               });
}

} // namespace kusto::sink
