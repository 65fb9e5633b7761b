#include "app/control_queue.hpp"

#include <gtest/gtest.h>

#include <thread>

namespace bearerd::app {
namespace {

using namespace std::chrono_literals;
using http::Controlled;
using http::NoAnswer;

TEST(ControlQueue, what_was_given_up_before_it_began_never_runs) {
  ControlQueue queue;
  int runs = 0;
  const Controlled<int> answer = queue.run<int>([&] { return ++runs; }, 1ms);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error(), NoAnswer::kNotBegun);
  queue.run_all();
  EXPECT_EQ(runs, 0);
}

TEST(ControlQueue, what_has_begun_is_told_as_under_way_and_goes_on) {
  ControlQueue queue;
  std::promise<void> may_end;
  std::atomic<bool> has_begun = false;
  std::atomic<int> runs = 0;
  std::thread control([&] {
    while (!has_begun) queue.run_all();
  });
  const Controlled<int> answer = queue.run<int>(
      [&] {
        has_begun = true;
        may_end.get_future().wait();
        return ++runs;
      },
      500ms);
  may_end.set_value();
  control.join();
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error(), NoAnswer::kUnderWay);
  EXPECT_EQ(runs, 1);
}

TEST(ControlQueue, who_stops_takes_nothing_more) {
  ControlQueue queue;
  queue.close();
  const Controlled<int> answer = queue.run<int>([] { return 1; }, 1s);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error(), NoAnswer::kStopping);
}

TEST(ControlQueue, an_answer_comes_back_and_so_does_what_is_thrown) {
  ControlQueue queue;
  std::atomic<bool> is_over = false;
  std::thread control([&] {
    while (!is_over) queue.run_all();
  });
  EXPECT_EQ(queue.run<int>([] { return 7; }, 10s), 7);
  EXPECT_THROW(static_cast<void>(queue.run<int>([]() -> int { throw std::runtime_error("no"); }, 10s)),
               std::runtime_error);
  is_over = true;
  control.join();
}

}  // namespace
}  // namespace bearerd::app
